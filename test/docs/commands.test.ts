import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { followPages, runnable } from './follow.ts';
import { readPages } from './pages.ts';

const pages = readPages();

followPages(pages.filter(({ path }) => path.startsWith('docs/commands')));

/** Why a block is not run, by its mark, and what may stand in such a block. */
const marks: Readonly<Record<string, RegExp>> = {
  // Needs a terminal, or a key pressed to end.
  'console interactive': /^lab (shell|console|capture|bmc serve|ipmi \S+ sol)\b/,
  // Longer than 30 s.
  'console slow': /^lab (boot|rebuild|undeploy|node|console|image|scenario)\b/,
  // Installs on the machine.
  'console set-up': /^(sudo )?npm /,
  // Needs root, and a network card or the Neutron of the machine.
  'console root': /^(sudo )?lab (up .*--uplink|diagnose)|^sudo lab (devstack|status|node|boot|down)\b/,
};

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
    const [name, ...words] =
      command
        .replace(/^sudo /, '')
        .split(' -- ')[0]
        ?.split(/\s+/) ?? [];
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
