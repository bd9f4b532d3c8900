import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { AgentError } from './errors.ts';
import { type BlockDevice, readDisks } from './inventory.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { keptLog } from './log.ts';
import { chooseRootDevice } from './root-device.ts';

/** The machine under the agent: what extensions may do with it. Tests give another. */
export interface Machine {
  disks(): readonly BlockDevice[];
  powerOff(): void;
  reboot(): void;
  /** A gzipped tar of the machine's logs. */
  collectLogs(): Promise<Buffer>;
  /** Lets the user `rescue` log in with a hashed password, and ends the agent. */
  startRescue(passwordHash: string): void;
  /** Keeps the token for an agent that is started after this one: Ironic gives it once. */
  keepToken(token: string): void;
  /** A crypt(3) hash of a password. */
  hashPassword(password: string): Promise<string>;
}

/** What the agent knows of the node it runs on. */
export interface NodeContext {
  readonly machine: Machine;
  /** `root_device=` of the kernel's command line. */
  readonly rootDeviceHint: string | undefined;
  /** Certificates of https are not checked. */
  readonly insecure: boolean;
  /** As Ironic last told it. */
  node: JsonObject;
  /** Does something when the answers to Ironic have left: the end of the agent, or of the machine. */
  readonly afterAnswers: (act: () => void) => void;
}

/** The disk to deploy to. @throws AgentError DeviceNotFound */
export function rootDevice({ machine, node, rootDeviceHint }: NodeContext): BlockDevice {
  const properties = isObject(node.properties) ? node.properties : {};
  const instance = isObject(node.instance_info) ? node.instance_info : {};
  const hints: Json | undefined = instance.root_device ?? properties.root_device ?? rootDeviceHint;
  return chooseRootDevice(machine.disks(), hints);
}

const tokenFile = '/run/lab/agent-token';

/** The token that an agent before this one was given, which has ended since. */
export function keptToken(): string | undefined {
  return existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8') : undefined;
}

/** The machine that the ramdisk runs on. */
export function thisMachine(): Machine {
  return {
    disks: () => readDisks(),
    powerOff: () => void busybox(['poweroff', '-f']),
    reboot: () => void busybox(['reboot', '-f']),
    collectLogs,
    startRescue(passwordHash) {
      // The ramdisk's init finds this file when the agent has ended.
      writeFileSync('/run/lab/rescue', `${passwordHash}\n`, { mode: 0o600 });
      process.exit(0);
    },
    keepToken: (token) => writeFileSync(tokenFile, token, { mode: 0o600 }),
    async hashPassword(password) {
      return (await busybox(['mkpasswd', '-m', 'sha512', '-P', '0'], password)).toString().trim();
    },
  };
}

async function collectLogs(): Promise<Buffer> {
  const folder = '/run/lab/log';
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/agent.log`, keptLog());
  writeFileSync(`${folder}/dmesg`, await busybox(['dmesg']));
  writeFileSync(`${folder}/ip`, await busybox(['ip', 'address']));
  return busybox(['tar', 'cz', '-C', folder, '.']);
}

/** Runs one of busybox's programs and answers its output. */
function busybox(argv: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/busybox', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new AgentError('CommandExecutionError', `${argv[0]} exited with ${code}`));
    });
    // A program that does not read its input ends before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
