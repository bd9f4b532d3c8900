import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeCpio } from '../../ipa/cpio.ts';
import { run } from '../../linux/process.ts';
import type { FileTree } from './file-tree.ts';

const compressMs = 10 * 60_000;

/** Writes a tree as an initramfs, compressed by zstd; all threads of the machine give the same bytes as one. */
export async function writeInitramfs(tree: FileTree, file: string, level: number): Promise<void> {
  const plain = `${file}.cpio`;
  await pipeline(Readable.from(writeCpio(tree.entries())), createWriteStream(plain));
  await run(['zstd', '--quiet', `-${level}`, '-T0', plain, '-o', file], { timeoutMs: compressMs });
  await rm(plain);
}

/** A SHA-256 over all of a tree: paths, modes, contents. */
export function treeDigest(tree: FileTree): string {
  const hash = createHash('sha256');
  for (const entry of tree.entries()) {
    const { kind, path } = entry;
    const detail =
      kind === 'link' ? entry.target : kind === 'file' ? `${entry.mode} ${entry.content.length}` : '';
    hash.update(`${kind} ${path} ${'mode' in entry ? entry.mode : ''} ${detail}\0`);
    if (kind === 'file') hash.update(entry.content);
  }
  return hash.digest('hex');
}

/** A SHA-256 over texts, in order. */
export function digestOf(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)} ${text}`);
  return hash.digest('hex');
}
