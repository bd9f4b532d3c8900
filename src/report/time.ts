/** An ISO 8601 time in the user's time zone, to the second: 2026-11-23 03:42:41. */
export function localTime(iso: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Date(iso).toLocaleString('sv-SE');
}
