import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line `$ command` of a page, with the output that the page shows below it. */
export interface ShownCommand {
  /** `PAGE:LINE`, for messages. */
  readonly place: string;
  readonly command: string;
  /** From a comment `# exit code N` at its end; else 0. */
  readonly exitCode: number;
  readonly output: readonly string[];
  /** Typed in `lab shell`, not on the machine. */
  readonly inDevstack: boolean;
}

/** A fenced block of a page. */
export interface Block {
  readonly place: string;
  /** What stands behind the fence: `console`, `console interactive`, `yaml` … */
  readonly info: string;
  readonly body: string;
  readonly commands: readonly ShownCommand[];
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** README.md and everything below docs. */
export function readPages(): Page[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return ['README.md', ...docs.sort()].map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path, text, blocks: blocksOf(path, text) };
  });
}

function blocksOf(path: string, text: string): Block[] {
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', info = '', body = ''] = match;
    const first = text.slice(0, match.index).split('\n').length + 1;
    const lines = body.split('\n').map((line) => line.slice(indent.length));
    const commands = commandsIn(path, first, lines, info);
    return { place: `${path}:${first - 1}`, info, body: lines.join('\n'), commands };
  });
}

function commandsIn(path: string, first: number, lines: readonly string[], info: string): ShownCommand[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []));
  return starts.map((start, which) => {
    const command = (lines[start] ?? '').slice(2);
    return {
      place: `${path}:${first + start}`,
      command,
      inDevstack: info === 'console devstack',
      exitCode: Number(/# exit code (\d+)$/.exec(command)?.[1] ?? 0),
      output: lines.slice(start + 1, starts[which + 1] ?? lines.length).filter((line) => line.trim() !== ''),
    };
  });
}
