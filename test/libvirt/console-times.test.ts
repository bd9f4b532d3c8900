import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readRecordedLines, recordConsoleTimes, recordedLines } from '../../src/libvirt/console-times.ts';
import { recordedText } from '../../src/report/console-text.ts';
import { waitFor } from '../../src/wait.ts';

const first = '2026-01-01T00:00:00.000Z';
const second = '2026-01-01T00:00:01.500Z';

test('a line has the time of the part that it begins in', () => {
  const text = 'before\none\r\nlong li';
  const rest = 'ne\ntwo\n\nlogin: ';
  const times = `${first} 7\n${second} ${text.length}\n`;
  expect(recordedLines(Buffer.from(text + rest), times)).toEqual([
    { at: null, text: 'before' },
    { at: first, text: 'one' },
    { at: first, text: 'long line' },
    { at: second, text: 'two' },
    { at: second, text: '' },
    { at: second, text: 'login: ' },
  ]);
});

test('a console is shown with times and without control characters', () => {
  const lines = [
    { at: null, text: 'iPXE' },
    { at: first, text: '\x1b[1mfetching\x1b[0m 10%\rfetching 100%' },
  ];
  expect(stripVTControlCharacters(recordedText(lines))).toBe(
    `-${' '.repeat(25)}iPXE\n${first}  fetching 100%\n`,
  );
});

test('from when it is watched a console is recorded with times, and the log stays as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'consoles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'vm-console.log');
  writeFileSync(log, 'early\n');
  const stop = recordConsoleTimes(folder);
  onTestFinished(stop);
  for (const line of ['one\n', 'two\n']) {
    const before = new Date().toISOString();
    appendFileSync(log, line);
    const at = await waitFor(
      'the time of a line',
      // Until it is noted, a line has the time of what came before it.
      () => readRecordedLines(log).find((it) => it.text === line.trim() && it.at && it.at >= before)?.at,
      { timeoutMs: 5_000 },
    );
    expect(at && at <= new Date().toISOString()).toBe(true);
  }
  expect(readRecordedLines(log).map(({ text, at }) => [text, at === null])).toEqual([
    ['early', true],
    ['one', false],
    ['two', false],
  ]);
});
