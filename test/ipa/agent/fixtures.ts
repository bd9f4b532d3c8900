import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Disk } from '../../../src/ipa/agent/disk.ts';
import { logTo } from '../../../src/ipa/agent/log.ts';
import { run } from '../../../src/linux/process.ts';

const mebibyte = 2 ** 20;
logTo(() => undefined);

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  // Memory, where there is such: every image is synced to its disk.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lab-image-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes that look random and are the same at each run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

/**
 * What a disk of 24 MiB holds: text that packs well, noise that does not, and much of nothing, with data in its
 * first and last sector.
 */
export function diskContent(): Buffer {
  const bytes = Buffer.alloc(24 * mebibyte);
  noise(3 * mebibyte).copy(bytes, 0);
  Buffer.alloc(2 * mebibyte, 'all work and no play makes a dull disk. ').copy(bytes, 5 * mebibyte + 512);
  noise(mebibyte, 7).copy(bytes, 17 * mebibyte + 4096);
  noise(512, 9).copy(bytes, bytes.length - 512);
  return bytes;
}

/** Makes `disk.raw` and, by qemu-img with these options, `disk.qcow2`. */
export async function makeImages(folder: string, options: readonly string[] = []): Promise<Buffer> {
  const content = diskContent();
  const raw = join(folder, 'disk.raw');
  writeFileSync(raw, content);
  await run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', ...options, raw, join(folder, 'disk.qcow2')]);
  return content;
}

/** A file that stands for a disk, full of what an older system left. */
export async function dirtyDisk(folder: string, size: number): Promise<{ file: string; disk: Disk }> {
  const file = join(folder, 'target');
  writeFileSync(file, Buffer.alloc(size, 'old! '));
  const disk = await Disk.open(file);
  onTestFinished(() => disk.close());
  return { file, disk };
}

export function sumOf(file: string, algorithm = 'sha256'): string {
  return createHash(algorithm).update(readFileSync(file)).digest('hex');
}
