import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where in a file an error was thrown, as ` (scenarios/mine.ts:12:9)`; empty when its stack does not lead there. */
export function placeInFile(error: unknown, file: string): string {
  if (!(error instanceof Error) || error.stack === undefined) return '';
  for (const line of error.stack.split('\n')) {
    const [, path = '', place] = /(?:\(|at )((?:file:\/\/)?\/.*?)(:\d+:\d+)\)?$/.exec(line) ?? [];
    const plain = path.startsWith('file:') ? fileURLToPath(path) : path;
    if (plain === file) return ` (${relative(process.cwd(), file) || file}${place})`;
  }
  return '';
}
