#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCode } from '../errors.ts';
import { programEnvironment } from '../linux/environment.ts';
import { reportError } from './context.ts';
import { program } from './program.ts';

process.env = programEnvironment(process.env);
// A reader that has gone, or a terminal that was closed, does not stop the work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  else reportError(error);
}
