import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabError } from '../errors.ts';

/**
 * Makes a folder (and those above it) that only its owner can read: mode 0700.
 *
 * @throws LabError `lab-failed` when it cannot be made
 */
export function makePrivateFolder(folder: string): void {
  makeFolder(folder, 0o700);
}

/**
 * Makes a folder and those above it. (The `recursive` of Node's mkdirSync never ends below a /proc/PID that is gone, and
 * on a read-only file system says that there is no such file.)
 *
 * @throws LabError `lab-failed` when it cannot be made
 */
export function makeFolder(folder: string, mode: number): void {
  try {
    makeMissing(folder, mode);
  } catch (error) {
    throw fileError(`cannot make the folder ${folder}`, error);
  }
}

function makeMissing(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeMissing(dirname(folder), mode);
    mkdirSync(folder, { mode });
  }
}

/**
 * Writes a file whole or not at all: a temporary neighbour takes the file's name when it is complete.
 *
 * @throws LabError `lab-failed` when there is no room or no permission; the file is then as it was
 */
export function writeFileAtomic(file: string, data: string | Uint8Array, mode = 0o600): void {
  makePrivateFolder(dirname(file));
  const neighbour = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(neighbour, data, { mode });
    renameSync(neighbour, file);
  } catch (error) {
    rmSync(neighbour, { force: true });
    throw fileError(`cannot write ${file}`, error);
  }
}

/** The code that the system gives a failure (errno(3)), such as ENOENT; undefined when it is none of the system's. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** What the user can do about it is the same for all. */
const placeErrors = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR']);

/** The system's failure as a sentence: what could not be done, and why. */
export function fileError(what: string, error: unknown): LabError {
  if (error instanceof LabError) return error;
  const code = errnoOf(error);
  // Node's messages read `ENOSPC: no space left on device, write '/path'`.
  const why = error instanceof Error ? error.message.replace(/^E\w+: ([^,]*).*$/s, '$1') : String(error);
  return new LabError('lab-failed', `${what}: ${why}`, {
    ...(code && placeErrors.has(code)
      ? { remedy: 'make room there, or set LAB_HOME to a folder that you can write to' }
      : {}),
    cause: error,
  });
}
