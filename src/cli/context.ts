import type { Command } from 'commander';
import pc from 'picocolors';
import { exitCode, LabError, messageOf } from '../errors.ts';
import { ProgressLog } from '../report/progress.ts';

/** The options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** Adds the options that every command takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .option('-q, --quiet', 'no progress on standard error')
    .option('--debug', 'show the stack of an error');
}

/** Progress on standard error, unless --quiet. */
export function progressFor(options: CommonOptions): ProgressLog {
  return new ProgressLog(options.quiet ? undefined : (line) => process.stderr.write(`${line}\n`));
}

/** The document of --json. Every document starts with its schema's name and version. */
export function printJson(schema: string, document: object): void {
  process.stdout.write(`${JSON.stringify({ schema: `lab/${schema}/1`, ...document }, undefined, 2)}\n`);
}

/** Tells the user of an error and sets the exit code: one sentence, what to do, and the stack with --debug. */
export function reportError(error: unknown): void {
  printError(error);
  process.exitCode = error instanceof LabError ? error.exitCode : exitCode.labFailed;
}

/** Says what went wrong beside a command that goes on, and keeps its own exit code. */
export function printError(error: unknown): void {
  const debug = process.argv.includes('--debug');
  process.stderr.write(`${pc.red('lab:')} ${messageOf(error)}\n`);
  if (error instanceof LabError) {
    if (error.remedy) process.stderr.write(`${pc.yellow('try:')} ${error.remedy}\n`);
  } else if (!debug) {
    process.stderr.write(
      `${pc.yellow('try:')} the same command with --debug, which shows where this came from\n`,
    );
  }
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n${causes(error)}`);
}

function causes(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `caused by ${cause.stack}\n${causes(cause)}` : '';
}
