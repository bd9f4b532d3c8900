import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeDraftFolder, sweepDraftFolders } from '../../src/linux/draft-folder.ts';

test('drafts of processes that have ended are swept, and nothing else', () => {
  const parent = mkdtempSync(join(tmpdir(), 'drafts-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const own = makeDraftFolder(parent, 'making');
  // A process that has ended, and this one's number at another time.
  const { pid } = spawnSync('true');
  mkdirSync(join(parent, `.making-${pid}-12345-abcdef`, 'inside'), { recursive: true });
  mkdirSync(join(parent, `.fetch-${process.pid}-1-abcdef`));
  for (const other of ['lab-os-0123456789abcdef', '.hidden']) mkdirSync(join(parent, other));
  sweepDraftFolders(parent);
  expect(readdirSync(parent).sort()).toEqual(['.hidden', basename(own), 'lab-os-0123456789abcdef'].sort());
});
