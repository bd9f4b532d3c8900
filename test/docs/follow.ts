import { afterAll, expect, test } from 'vitest';
import { missingFrom } from './output.ts';
import type { Page, ShownCommand } from './pages.ts';
import { Terminal } from './terminal.ts';

/** Blocks that are run: on the machine, and in `lab shell`. */
export const runnable = ['console', 'console devstack'];

/** A block that the reader saves as a file: ```yaml topologies/mine.yaml */
const savedAs = /^(?:yaml|ts) (\S+\/\S+)$/;

/** A test for each page that shows commands: a reader who types them sees what it shows. */
export function followPages(pages: readonly Page[]): void {
  const terminal = new Terminal();
  afterAll(() => terminal.end());
  for (const page of pages) {
    const shows = page.blocks.some(({ info, commands }) => runnable.includes(info) && commands.length > 0);
    if (shows) test(`${page.path}: its commands do what it shows`, () => follow(terminal, page), 300_000);
  }
}

async function follow(terminal: Terminal, { blocks }: Page): Promise<void> {
  const commands = blocks.flatMap((block) => block.commands);
  await terminal.begin();
  if (commands.some(({ command }) => command === 'lab image build')) await terminal.haveImages();
  for (const block of blocks) {
    const [, file] = savedAs.exec(block.info) ?? [];
    if (file) terminal.save(file, block.body);
    if (!runnable.includes(block.info)) continue;
    for (const shown of block.commands) expect(await tried(terminal, shown)).toEqual(asShown(shown));
  }
}

async function tried(terminal: Terminal, shown: ShownCommand) {
  const { exitCode, output } = await terminal.type(shown);
  const missing = missingFrom(output, shown.output);
  const whole = shown.command.endsWith(' --help') ? trimmed(output) : undefined;
  return { ...about(shown), exitCode, missing, whole, ...(missing.length > 0 ? { output } : {}) };
}

/** A page that shows help shows all of it. */
function asShown(shown: ShownCommand) {
  const whole = shown.command.endsWith(' --help') ? trimmed(shown.output.join('\n')) : undefined;
  return { ...about(shown), exitCode: shown.exitCode, missing: [], whole };
}

const about = ({ place, command }: ShownCommand) => ({ place, command });
const trimmed = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
