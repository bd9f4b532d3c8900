import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in a file; both are 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where in a file an error was made; undefined when its stack does not lead there. */
export function placeIn(error: unknown, file: string): Place | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  for (const frame of error.stack.split('\n')) {
    const [, path = '', line, column] = /(?:\(|at )((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const plain = path.startsWith('file:') ? fileURLToPath(path) : path;
    if (plain === file) return { line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** The same as ` (scenarios/mine.ts:12:9)`; empty when there is no such place. */
export function placeInFile(error: unknown, file: string): string {
  const place = placeIn(error, file);
  return place ? ` (${relative(process.cwd(), file) || file}:${place.line}:${place.column})` : '';
}
