import { afterEach, expect, test } from 'vitest';
import { localTime } from '../../src/report/time.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test.each([
  ['UTC', '2026-11-23 03:42:41'],
  ['Europe/Stockholm', '2026-11-23 04:42:41'],
  ['America/Los_Angeles', '2026-11-22 19:42:41'],
])('a time is told in the time zone of the user: %s', (timeZone, expected) => {
  process.env.TZ = timeZone;
  expect(localTime('2026-11-23T03:42:41.926Z')).toBe(expected);
});
