const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for a person, with three digits: 512 B, 1.41 kB, 12.3 MB. Decimal units, as tools for networks have them. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${units[unit]}`;
}

/** A span of time for a person: 0.31 ms, 35 ms, 1.24 s, 3 min 20 s, 24 h. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 999.5) return `${threeDigits(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  return whole < 3600 ? pair(whole, 60, 'min', 's') : pair(Math.round(whole / 60), 60, 'h', 'min');
}

function pair(small: number, size: number, large: string, rest: string): string {
  const left = small % size;
  return `${Math.floor(small / size)} ${large}${left > 0 ? ` ${left} ${rest}` : ''}`;
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}
