import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LabError } from '../errors.ts';
import { enter } from '../linux/host.ts';
import type { Place } from './place.ts';

/**
 * Runs a command in a place with this process's own terminal, and answers its exit code (128 + the signal's number
 * for one that a signal ended, as shells have it).
 */
export function runInteractively(
  place: Place,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const [program = 'sh', ...args] = [...enter(place.host, place.namespace), ...argv];
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  // Ctrl-C is for the program inside, which shares the terminal and gets it too.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new LabError('machine-lacks', `cannot run ${program}`, { remedy: 'lab doctor', cause })),
    );
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
