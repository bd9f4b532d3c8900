import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { consoleFolder, consoleLogEnd } from './domain-xml.ts';

/*
 * What a serial console says goes into one file as it is, and beside it into another when which part of it came: a line
 * `TIME OFFSET` each time that the first has grown, with the place in bytes where the new part begins.
 */

const timesEnd = '.times';

/** One line of a console. */
export interface RecordedLine {
  /** When its beginning came, ISO 8601; null for what came before anybody watched. */
  readonly at: string | null;
  /** Without its end; what programs write over it, such as a percentage, is in it as it came. */
  readonly text: string;
}

/** Notes from now on when each console of a host says something, until it is told to stop. */
export function recordConsoleTimes(folder = consoleFolder): () => void {
  const sizes = new Map<string, number>();
  const look = (name: string) => {
    const log = join(folder, name);
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const before = sizes.get(name) ?? 0;
    if (size > before) appendFileSync(`${log}${timesEnd}`, `${new Date().toISOString()} ${before}\n`);
    // A log that somebody has emptied begins anew.
    else if (size < before) writeFileSync(`${log}${timesEnd}`, '');
    sizes.set(name, size);
  };
  const isLog = (name: string | null): name is string => name?.endsWith(consoleLogEnd) ?? false;
  // What is there already came at a time that nobody knows.
  for (const name of readdirSync(folder).filter(isLog)) sizes.set(name, statSync(join(folder, name)).size);
  const watcher = watch(folder, (_event, name) => {
    if (isLog(name)) look(name);
  });
  return () => watcher.close();
}

/** Reads what a console has said, line by line with the times. */
export function readRecordedLines(log: string): RecordedLine[] {
  const times = existsSync(`${log}${timesEnd}`) ? readFileSync(`${log}${timesEnd}`, 'utf8') : '';
  return recordedLines(readFileSync(log), times);
}

/** Joins a console's bytes with the times of their parts. */
export function recordedLines(bytes: Buffer, times: string): RecordedLine[] {
  const parts = times
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at = '', offset] = line.split(' ');
      return { at, offset: Number(offset) };
    });
  const lines: RecordedLine[] = [];
  let part = -1;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    while ((parts[part + 1]?.offset ?? Number.POSITIVE_INFINITY) <= start) part++;
    lines.push({ at: parts[part]?.at ?? null, text: bytes.toString('utf8', start, end).replace(/\r+$/, '') });
    start = end + 1;
  }
  return lines;
}
