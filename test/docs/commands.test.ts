import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { missingFrom } from './output.ts';
import { readPages, type ShownCommand } from './pages.ts';
import { Terminal } from './terminal.ts';

const pages = readPages();
const terminal = new Terminal();
afterAll(() => terminal.end());

/** Blocks that are run: on the machine, and in `lab shell`. */
const runnable = ['console', 'console devstack'];

/** A block that the reader saves as a file: ```yaml topologies/mine.yaml */
const savedAs = /^(?:yaml|ts) (\S+\/\S+)$/;

/** Why a block is not run, by its mark, and what may stand in such a block. */
const marks: Readonly<Record<string, RegExp>> = {
  // Needs a terminal, or a key pressed to end.
  'console interactive': /^lab (shell|console|capture|bmc serve|ipmi \S+ sol)\b/,
  // Longer than 30 s.
  'console slow': /^lab (boot|rebuild|undeploy|node|console|image|scenario)\b/,
  // Installs on the machine.
  'console set-up': /^(sudo )?npm /,
  // Needs root, and a network card or the Neutron of the machine.
  'console root': /^(sudo )?lab (up .*--uplink|diagnose)/,
};

for (const { path, blocks } of pages) {
  const commands = blocks.filter(({ info }) => runnable.includes(info)).flatMap((block) => block.commands);
  if (commands.length === 0) continue;
  test(`${path}: its commands do what it shows`, async () => {
    await terminal.begin();
    if (commands.some(({ command }) => command === 'lab image build')) await terminal.haveImages();
    for (const block of blocks) {
      const [, file] = savedAs.exec(block.info) ?? [];
      if (file) terminal.save(file, block.body);
      if (!runnable.includes(block.info)) continue;
      for (const shown of block.commands) expect(await tried(shown)).toEqual(asShown(shown));
    }
  }, 300_000);
}

async function tried(shown: ShownCommand) {
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

test('a block of commands is run, or says in a known way why not', () => {
  const wrong = pages
    .flatMap(({ blocks }) => blocks)
    .filter(({ info }) => info.startsWith('console') && !runnable.includes(info))
    .flatMap(({ place, info, commands }) => {
      const allowed = marks[info];
      if (allowed === undefined) return [`${place}: the mark "${info}" is not known`];
      return commands
        .filter(({ command }) => !allowed.test(command))
        .map((shown) => `${shown.place}: "${shown.command}" is not ${info}`);
    });
  expect(wrong).toEqual([]);
});

test('commands that are not run exist, with their options', () => {
  const shown = pages
    .flatMap(({ blocks }) => blocks)
    .filter(({ info }) => !runnable.includes(info))
    .flatMap(({ commands }) => commands);
  const wrong = shown.flatMap(({ place, command }) => {
    const [name, ...words] = command.split(' -- ')[0]?.split(/\s+/) ?? [];
    if (name !== 'lab') return [];
    return unknownIn(program(), words).map((word) => `${place}: ${word}`);
  });
  expect(shown.length).toBeGreaterThan(10);
  expect(wrong).toEqual([]);
});

/** The words of a command line that are neither commands nor options of it. */
function unknownIn(root: Command, words: readonly string[]): string[] {
  let command = root;
  const unknown: string[] = [];
  for (const word of words) {
    const subcommand = command.commands.find((each) => each.name() === word);
    if (subcommand) command = subcommand;
    else if (command === root && !/^(-|help$)/.test(word)) unknown.push(word);
    else if (/^--[a-z]/.test(word) && !optionsOf(command).includes(word)) unknown.push(word);
  }
  return unknown;
}

function optionsOf(command: Command): (string | undefined)[] {
  return ['--help', ...command.options.map(({ long }) => long)];
}

test('every command has a page, which shows its help', () => {
  const help = program().createHelp();
  const names = help
    .visibleCommands(program())
    .map((command) => command.name())
    .filter((name) => name !== 'help');
  const index = readFileSync('docs/commands.md', 'utf8');
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const page = pages.find(({ path }) => path === `docs/commands/${name}.md`);
    expect(page?.text ?? '', `docs/commands/${name}.md`).toContain(`$ lab ${name} --help\n`);
    expect(index).toContain(`(commands/${name}.md)`);
  }
});
