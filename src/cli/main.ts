#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCode } from '../errors.ts';
import { reportError } from './context.ts';
import { program } from './program.ts';

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  else reportError(error);
}
