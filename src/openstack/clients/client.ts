import { Command } from 'commander';
import { LabError } from '../../errors.ts';
import type { ApiClient } from '../../ironic/api-client.ts';

/** What a client works with. */
export interface ClientContext {
  /** The lab's API. */
  readonly api: () => Promise<ApiClient>;
  readonly print: (text: string) => void;
}

/** A client's program without subcommands; an unknown one is told which there are. */
export function clientProgram(name: string, about: string): Command {
  const program: Command = new Command(name)
    .description(about)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .argument('[subcommand]')
    .action((subcommand: string | undefined) => {
      const known = program.commands.map((each) => each.name()).join(', ');
      throw new LabError(
        'usage',
        subcommand === undefined
          ? `${name} is told what to do by a subcommand: ${known}`
          : `${name} has no ${subcommand} here; it has: ${known}`,
      );
    });
  return program;
}

/** Adds a subcommand to a client. */
export function subcommand(program: Command, name: string, about: string): Command {
  return program
    .command(name)
    .description(about)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
}
