import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/record.ts';
import { readSecrets } from '../lab/secrets.ts';
import { seenFromOutside } from '../linux/host.ts';
import { maskInFrame } from './mask-frame.ts';

/** What stands where a secret was. A mask in a frame is as long as what it hides. */
const mask = '******';

/** Shorter ones would be found in anything. */
const shortest = 6;

/**
 * How secrets that no record holds any more, those of deployments before, are written where they show: kernel arguments,
 * the agent's and the conductor's JSON, their URLs.
 */
const patterns: readonly RegExp[] = [
  /\bdeployment_key=([\w-]{6,})/g,
  /\bagent_token=([\w-]{6,})/g,
  /"(?:agent_token|deploy_key|deployment_key|password)":\s*"([^"\\*]{6,})"/g,
  /"key":\s*"([0-9a-f]{32})"/g,
];

/** Takes the secrets of a lab out of whatever leaves it. */
export class Redaction {
  private readonly secrets = new Set<string>();
  /** The longest first: one may begin as another does. */
  private words: readonly string[] = [];
  private buffers: readonly Buffer[] = [];

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Looks for secrets that a text gives away by how it names them. */
  learn(text: string): void {
    for (const pattern of patterns) {
      for (const [, secret = ''] of text.matchAll(pattern)) this.add(secret);
    }
  }

  text(text: string): string {
    let clean = text;
    for (const word of this.words) clean = clean.replaceAll(word, mask);
    return clean;
  }

  /** A frame of the same length, its checksum that of the masked bytes. The frame itself when there is none in it. */
  frame(bytes: Uint8Array): Uint8Array {
    return maskInFrame(bytes, this.buffers);
  }

  private add(secret: string): void {
    if (secret.length < shortest || this.secrets.has(secret)) return;
    this.secrets.add(secret);
    this.words = [...this.secrets].sort((a, b) => b.length - a.length);
    this.buffers = this.words.map((word) => Buffer.from(word));
  }
}

/** The secrets of a lab: its BMCs' passwords, the keys and tokens of its nodes, its SSH keys. */
export function secretsOf(lab: Lab): string[] {
  return [
    ...readSecrets(lab.folder).map(({ password }) => password),
    ...nodeSecrets(join(lab.devstack.folder, 'nodes')),
    ...['ssh_key', 'ssh_host_key'].flatMap((name) =>
      linesOf(seenFromOutside(lab.devstack, `/run/ironic/${name}`)),
    ),
  ];
}

function nodeSecrets(folder: string): string[] {
  return filesIn(folder).flatMap((file) => {
    const found = /"(?:deploy_key|agent_token)": "([^"]+)"/g;
    return [...read(join(folder, file)).matchAll(found)].map(([, secret = '']) => secret);
  });
}

/** The lines of a key between its head and its foot. */
function linesOf(file: string): string[] {
  return read(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('-----'));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A lab without a conductor has no nodes.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
