import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LabError } from '../errors.ts';
import { enterInForeground } from '../linux/host.ts';
import { type Finished, run } from '../linux/process.ts';
import { childOf } from '../linux/process-identity.ts';
import { shellQuote } from '../linux/shell-quote.ts';
import type { Place } from './place.ts';
import { clientsInHost } from './software.ts';

/** What a terminal sends to all processes of its foreground group. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command in a place with this process's own terminal or pipes, and answers its exit code (128 + the signal's
 * number for one that a signal ended, as shells have it). Signals that this process gets are the command's.
 */
export function runInForeground(place: Place, argv: readonly string[]): Promise<number> {
  const child = start([...enterInForeground(place.host, place.namespace), ...argv], withClients());
  const pass = (signal: NodeJS.Signals) => {
    const inside = child.pid === undefined ? undefined : childOf(child.pid);
    if (inside !== undefined) process.kill(inside, signal);
  };
  // The command shares the terminal, and has the terminal's signals from there.
  const onTerminalSignal = process.stdin.isTTY ? () => undefined : pass;
  for (const signal of fromTerminal) process.on(signal, onTerminalSignal);
  for (const signal of passedOn) process.on(signal, pass);
  return exitCodeOf(child);
}

/**
 * Opens a shell in a place. On a terminal it has a terminal of its own, so that it has job control, and that this one
 * is as it was however the shell ends.
 */
export function runShell(place: Place, labName: string): Promise<number> {
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const shell = ['bash', '--norc', ...(terminal ? ['-i'] : [])];
  const argv = [
    ...enterInForeground(place.host, place.namespace),
    // The history of a lab goes with it.
    ...['env', `PS1=${prompt(place, labName)}`, 'HISTFILE=/run/shell-history'],
    ...shell,
  ];
  if (!terminal) return exitCodeOf(start(argv, withClients()));
  const script = ['script', '-q', '-e', '-c', argv.map(shellQuote).join(' '), '/dev/null'];
  const child = start(script, withClients());
  for (const signal of fromTerminal) process.on(signal, () => undefined);
  return exitCodeOf(child);
}

/** The lab, the place in it, and the folder, as bash(1) has it: `flat devstack /# `. */
function prompt({ host, namespace }: Place, labName: string): string {
  const where = namespace ? `${host.name}/${namespace}` : host.name;
  return `\\[\\e[1;36m\\]${labName} ${where}\\[\\e[0m\\] \\w\\$ `;
}

/** Runs a command in a place to its end, whatever that is, and answers what it printed. */
export async function runToEnd({ host, namespace }: Place, argv: readonly string[]): Promise<Finished> {
  const anyExitCode = Array.from({ length: 256 }, (_, code) => code);
  const words = [...enterInForeground(host, namespace), ...argv];
  const finished = await run(words, {
    accept: anyExitCode,
    timeoutMs: longestTimeoutMs,
    env: { PATH: withClients().PATH ?? '' },
  });
  return { ...finished, argv };
}

/** What setTimeout takes at most: 24 days. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The environment of what runs in a lab: OpenStack's clients are on its PATH. */
function withClients(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:${clientsInHost}` };
}

function start(argv: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = 'sh', ...args] = argv;
  return spawn(program, args, { stdio: 'inherit', env });
}

function exitCodeOf(child: ReturnType<typeof start>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new LabError('machine-lacks', `cannot run ${child.spawnfile}`, { remedy: 'lab doctor', cause })),
    );
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
