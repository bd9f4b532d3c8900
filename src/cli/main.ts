#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCode } from '../errors.ts';
import { programEnvironment } from '../linux/environment.ts';
import { closeInheritedFiles } from '../linux/inherited-files.ts';
import { reportError } from './context.ts';
import { program } from './program.ts';

process.env = programEnvironment(process.env);
// What runs inside a lab in the foreground may use them.
if (!['exec', 'shell'].includes(process.argv[2] ?? '')) closeInheritedFiles(process.argv);
// A reader that has gone, or a terminal that was closed, does not stop the work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  else {
    reportError(error);
    // What the failed command had begun beside may wait for long for what will not come.
    process.exit();
  }
}
