import { expect, test } from 'vitest';
import { bytesText, durationText } from '../../src/report/amounts.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1414, '1.41 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [12_345_678_901, '12.3 GB'],
])('%d bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [0.0314, '0.0314 ms'],
  [35, '35 ms'],
  [999.6, '1 s'],
  [1240, '1.24 s'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [86_400_000, '24 h'],
])('%d ms', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
