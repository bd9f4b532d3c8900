import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder (and those above it) that only its owner can read: mode 0700. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Writes a file whole or not at all: a temporary neighbour takes the file's name when it is complete. */
export function writeFileAtomic(file: string, data: string | Uint8Array, mode = 0o600): void {
  makePrivateFolder(dirname(file));
  const neighbour = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(neighbour, data, { mode });
  renameSync(neighbour, file);
}
