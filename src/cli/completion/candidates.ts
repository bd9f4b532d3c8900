import type { Argument, Command, Option } from 'commander';

/** A word that can stand at the cursor, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** Where an argument or an option's value is filled in: `up <topology>`, `scenario --topology`. */
export interface Slot {
  readonly command: string;
  /** The argument's name, or the option's with its dashes. */
  readonly name: string;
  /** The words before the cursor. */
  readonly before: readonly string[];
}

/** The names that can fill a slot; none where anything can. */
export type NamesFor = (slot: Slot) => Promise<readonly Candidate[]>;

interface Cursor {
  readonly command: Command;
  /** The option whose value the last word is. */
  readonly option: Option | undefined;
  /** How many arguments of the command stand before the last word. */
  readonly position: number;
  /** Whether options are over: after --, or in the words of another program. */
  readonly literal: boolean;
}

/**
 * What can stand for the last of these words, which may be empty or begun.
 *
 * @param lab the whole command
 * @param words what follows `lab` on the line, up to the cursor
 */
export async function candidates(
  lab: Command,
  words: readonly string[],
  namesFor: NamesFor,
): Promise<Candidate[]> {
  const before = words.slice(0, -1);
  const begun = words.at(-1) ?? '';
  const all = await candidatesAt(findCursor(lab, before), begun, before, namesFor);
  return all.filter(({ word }) => word.startsWith(begun));
}

function findCursor(lab: Command, before: readonly string[]): Cursor {
  let command = lab;
  let option: Option | undefined;
  let position = 0;
  let literal = false;
  for (const word of before) {
    if (!literal && word === '--') [literal, option] = [true, undefined];
    else if (!literal && word.startsWith('-')) {
      const named = command.options.find(({ short, long }) => word === short || word === long);
      option = named && (named.required || named.optional) ? named : undefined;
    } else if (option) option = option.variadic ? option : undefined;
    else {
      const subcommand = position === 0 && command.commands.find((each) => each.name() === word);
      if (subcommand) command = subcommand;
      else position += 1;
    }
  }
  // `lab exec HOST` is followed by the words of another program; `lab suite PATTERN` by patterns and options.
  if (position > 0 && command.registeredArguments.length > 1 && argumentAt(command, position)?.variadic)
    literal = true;
  return { command, option, position, literal };
}

async function candidatesAt(
  { command, option, position, literal }: Cursor,
  begun: string,
  before: readonly string[],
  namesFor: NamesFor,
): Promise<readonly Candidate[]> {
  const slot = (name: string): Slot => ({ command: command.name(), name, before });
  if (option && !begun.startsWith('-')) {
    return option.argChoices ? words(option.argChoices) : namesFor(slot(option.long ?? option.flags));
  }
  const help = command.createHelp();
  if (!literal && begun.startsWith('-')) {
    return help
      .visibleOptions(command)
      .flatMap(({ long, variadic, description }) =>
        long && (variadic || !before.includes(long)) ? [{ word: long, about: description }] : [],
      );
  }
  if (command.commands.length > 0) {
    if (position > 0) return [];
    return help
      .visibleCommands(command)
      .map((each) => ({ word: each.name(), about: each.summary() || each.description() }));
  }
  const argument = argumentAt(command, position);
  if (!argument) return [];
  return argument.argChoices ? words(argument.argChoices) : namesFor(slot(argument.name()));
}

function argumentAt({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[position] ?? (last?.variadic ? last : undefined);
}

function words(choices: readonly string[]): Candidate[] {
  return choices.map((word) => ({ word }));
}
