import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileError, makePrivateFolder } from '../linux/files.ts';
import { identify } from '../linux/process-identity.ts';
import { labHome } from './home.ts';

/** One folder a process that needs temporary files, named after it: `PID-STARTTICKS`. */
function scratchRoot(): string {
  return join(labHome(), 'scratch');
}

const own = new Set<string>();

/**
 * This process's folder for temporary files. It goes when the process ends; should the process be killed, the next
 * command removes it.
 */
export function scratchFolder(): string {
  const self = identify(process.pid);
  const folder = join(scratchRoot(), `${self?.pid}-${self?.startTicks}`);
  makePrivateFolder(folder);
  if (!own.has(folder)) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  own.add(folder);
  return folder;
}

/** Writes a file below the lab's home whole or not at all, and leaves nothing else even if it is killed meanwhile. */
export function writeKeptFile(file: string, data: string | Uint8Array): void {
  makePrivateFolder(dirname(file));
  const draft = join(scratchFolder(), 'draft');
  try {
    writeFileSync(draft, data, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    throw fileError(`cannot write ${file}`, error);
  }
}

/** Removes the temporary files of processes that have ended. */
export function sweepScratch(): void {
  const root = scratchRoot();
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    const [pid, startTicks] = name.split('-').map(Number);
    if (identify(pid ?? 0)?.startTicks === startTicks) continue;
    rmSync(join(root, name), { recursive: true, force: true });
  }
}
