import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-count-'));
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The counting of a real vitest's run over these files. */
async function count(files: Record<string, string>, failedChecks = 0) {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { expect, test } from 'vitest';\n${text}`);
  }
  const report = join(folder, 'report.json');
  const vitest = ['node_modules/.bin/vitest', 'run', '--root', folder];
  const { exitCode } = await run([...vitest, '--reporter=json', `--outputFile=${report}`], {
    accept: [0, 1],
    timeoutMs: 60_000,
  });
  const argv = [process.execPath, 'scripts/count-tests.mjs', report, String(exitCode), String(failedChecks)];
  const counted = await run(argv, { accept: [0, 1] });
  return { exitCode: counted.exitCode, line: counted.stdout };
}

const passes = "test('passes', () => {});";

test('passed and skipped tests are counted, and all is well', async () => {
  const files = { 'a.test.ts': `${passes} test.skip('is skipped', () => {}); test.todo('is to come');` };
  expect(await count(files)).toEqual({ exitCode: 0, line: '1 passed, 0 failed, 2 skipped\n' });
});

test('a failed test and a file that does not load are failures', async () => {
  const files = {
    'a.test.ts': `${passes} test('fails', () => expect(1).toBe(2));`,
    'b.test.ts': "throw new Error('broken');",
  };
  expect(await count(files)).toEqual({ exitCode: 1, line: '1 passed, 2 failed, 0 skipped\n' });
});

test('an error outside of tests is a failure', async () => {
  const files = { 'a.test.ts': `${passes} void Promise.reject(new Error('unhandled'));` };
  expect(await count(files)).toEqual({ exitCode: 1, line: '1 passed, 1 failed, 0 skipped\n' });
});

test('a failed lint or type check is a failure', async () => {
  expect(await count({ 'a.test.ts': passes }, 1)).toEqual({
    exitCode: 1,
    line: '1 passed, 1 failed, 0 skipped\n',
  });
});

test('no test at all is a failure', async () => {
  expect(await count({})).toEqual({ exitCode: 1, line: '0 passed, 1 failed, 0 skipped\n' });
});
