import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileError, makeFolder, makePrivateFolder, writeFileAtomic } from '../../src/linux/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('private folders are their owner’s alone, those above them too', () => {
  const path = join(folder, 'a', 'b');
  makePrivateFolder(path);
  makePrivateFolder(path);
  expect([modeOf(path), modeOf(join(folder, 'a'))]).toEqual([0o700, 0o700]);
});

test.each([
  ['below a process that is gone', '/proc/4194304/root/run/x', 'no such file or directory'],
  ['below a file', '/dev/null/x/y', 'not a directory'],
])('a folder %s cannot be made, and that is said at once', (_what, path, why) => {
  expect(() => makeFolder(path, 0o755)).toThrow(`cannot make the folder ${path}: ${why}`);
});

test('a file is written whole or stays as it was, and no draft is left', () => {
  const file = join(folder, 'record', 'file');
  writeFileAtomic(file, 'first');
  expect(modeOf(file)).toBe(0o600);
  writeFileAtomic(file, 'second', 0o644);
  expect(readFileSync(file, 'utf8')).toBe('second');
  expect(readdirSync(join(folder, 'record'))).toEqual(['file']);
});

test('a file that cannot be written leaves no draft and says what to do', () => {
  const file = join(folder, 'is-a-folder');
  makePrivateFolder(join(file, 'inner'));
  expect(() => writeFileAtomic(file, 'text')).toThrow(`cannot write ${file}: `);
  expect(readdirSync(folder).filter((name) => name.startsWith('is-a-folder.'))).toEqual([]);
  expect(
    fileError(
      'cannot',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    ),
  ).toMatchObject({
    code: 'lab-failed',
    message: 'cannot: no space left on device',
    remedy: expect.stringContaining('LAB_HOME'),
  });
});
