import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { RecordedLine } from '../libvirt/console-times.ts';

const noTime = '-'.padEnd(new Date(0).toISOString().length);

/** What a console has said, each line after the time at which it began; what only moves a cursor is left out. */
export function recordedText(lines: readonly RecordedLine[]): string {
  return lines
    .map(({ at, text }) => {
      // A line that was written over, such as a percentage, is shown as it was at last.
      const shown = stripVTControlCharacters(text).split('\r').at(-1) ?? '';
      return `${pc.dim(at ?? noTime)}  ${shown}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}
