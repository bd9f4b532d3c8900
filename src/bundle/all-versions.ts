import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { softwareFolder } from '../lab/software.ts';
import { programVersions } from '../lab/versions.ts';
import { parsePackages } from '../linux/packages.ts';
import { run } from '../linux/process.ts';

/** All that a run's outcome may depend on beside what is in its bundle. */
export interface AllVersions {
  readonly lab: string;
  /** The distribution, by its own name. */
  readonly system: string;
  /** Node.js, the kernel, and the programs that labs are made of. */
  readonly programs: Readonly<Record<string, string>>;
  /** The Debian packages of the lab, which iPXE's ROM and the boot loaders come from; empty without dpkg. */
  readonly packages: Readonly<Record<string, string>>;
}

let asked: Promise<AllVersions> | undefined;

/** Asks once a process: the answers do not change meanwhile. */
export function allVersions(): Promise<AllVersions> {
  asked ??= askAll();
  return asked;
}

async function askAll(): Promise<AllVersions> {
  const [programs, packages] = await Promise.all([programVersions(), debianPackages()]);
  const { version } = JSON.parse(inSoftware('package.json')) as { version: string };
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return { lab: version, system: /^PRETTY_NAME="(.*)"$/m.exec(system)?.[1] ?? '?', programs, packages };
}

async function debianPackages(): Promise<Readonly<Record<string, string>>> {
  const names = parsePackages(inSoftware('scripts/debian-packages.txt')).map(({ name }) => name);
  // dpkg's own words in braces, not this language's.
  const format = '$' + '{Package} $' + '{Version}\\n';
  const argv = ['dpkg-query', '--show', '--showformat', format, ...names];
  const { stdout } = await run(argv, { accept: [0, 1], timeoutMs: 5_000 }).catch(() => ({ stdout: '' }));
  const rows = stdout.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(rows.flatMap(([name, version]) => (name && version ? [[name, version]] : [])));
}

function inSoftware(path: string): string {
  return readFileSync(join(softwareFolder(), path), 'utf8');
}
