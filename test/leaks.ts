import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { waitFor } from '../src/wait.ts';
import type { Machine } from './machine.ts';

/** What a machine has of things that a lab makes, a line each. */
export type Traces = ReadonlySet<string>;

/** Folders where the programs of a lab would leave something on the machine. */
const watchedFolders = [
  '/tmp',
  '/var/tmp',
  '/dev/shm',
  '/run',
  '/var/lib/libvirt',
  '/var/lib/openvswitch',
  '/var/log',
  '/etc/libvirt',
  '/etc/openvswitch',
];

/** What a lab keeps on purpose: caches, images, captures. */
const kept =
  /^\/tmp\/[^/]+(\/\.local(\/state)?)?(\/lab(\/(cache|runs|images)(\/.*)?|\/labs|\/scratch|\/suite-durations\.json)?)?$/;

/** Processes, namespaces, mounts, interfaces and files of a machine. */
export function traces(machine: Machine): Traces {
  const found = new Set<string>();
  for (const pid of readdirSync(machine.path('/proc')).filter((name) => /^\d+$/.test(name))) {
    const process = processTraces(machine.path(`/proc/${pid}`));
    for (const line of process) found.add(line);
  }
  for (const line of readFileSync(machine.path('/proc/1/mounts'), 'utf8').trim().split('\n')) {
    found.add(`mount ${line}`);
  }
  for (const name of readdirSync(machine.path('/sys/class/net'))) found.add(`interface ${name}`);
  for (const folder of watchedFolders) {
    for (const file of filesBelow(machine, folder)) if (!kept.test(file)) found.add(`file ${file}`);
  }
  return found;
}

function processTraces(folder: string): string[] {
  try {
    const command = readFileSync(`${folder}/cmdline`, 'utf8').replaceAll('\0', ' ').split('\n', 1)[0];
    const namespaces = readdirSync(`${folder}/ns`).map((kind) => readlinkSync(`${folder}/ns/${kind}`));
    return [`process ${command || readFileSync(`${folder}/stat`, 'utf8')}`, ...namespaces];
  } catch {
    // It has ended since.
    return [];
  }
}

function* filesBelow(machine: Machine, folder: string): Generator<string> {
  if (!existsSync(machine.path(folder))) return;
  for (const entry of readdirSync(machine.path(folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    yield path;
    // The project and node are shown there, and are not the machine's.
    if (entry.isDirectory() && !/^\/run\/(project|node|lab.*)$/.test(path)) yield* filesBelow(machine, path);
  }
}

/** Waits until a machine is as it was; the error names what is left over and what is missing. */
export async function expectTraces(machine: Machine, before: Traces): Promise<void> {
  let last = '';
  await waitFor(
    'the machine to be as it was before',
    () => {
      const now = traces(machine);
      const over = [...now].filter((line) => !before.has(line)).map((line) => `left over: ${line}`);
      const missing = [...before].filter((line) => !now.has(line)).map((line) => `gone: ${line}`);
      last = [...over, ...missing].join('\n');
      return last === '' ? true : undefined;
    },
    // What a killed command had started ends a moment later, when its pipes break.
    { timeoutMs: 3_000, lastSeen: () => `\n${last}` },
  );
}
