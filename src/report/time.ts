/**
 * An ISO 8601 time in the user's time zone, to the second: 2026-11-23 03:42:41. Without Intl, which takes 13 ms when
 * it is asked first.
 */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

/** The time of day in the user's time zone, with microseconds, from nanoseconds since the epoch. */
export function clockTime(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  const micros = String((ns / 1000n) % 1_000_000n).padStart(6, '0');
  return `${date.toTimeString().slice(0, 8)}.${micros}`;
}
