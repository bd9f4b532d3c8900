import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { down } from '../lab/down.ts';
import { softwareFolder } from '../lab/software.ts';
import { makePrivateFolder, writeFileAtomic } from '../linux/files.ts';
import type { Progress } from '../report/progress.ts';
import { ProgressLog } from '../report/progress.ts';
import type { RunResult } from '../scenarios/result.ts';
import { type Attempt, attemptFile, logFile, resultFile, withoutOutcome } from './attempt.ts';

/** How long a process that was asked to end may take to end its lab, in ms. */
const graceMs = 15_000;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it was told to end. */
  readonly told?: 'deadline' | 'interrupted';
}

/**
 * Makes an attempt in a process of its own and answers its result, whatever becomes of the process. Nothing of its lab
 * is left then. Should this process die, that one is killed, and the lab is ended by the next command.
 *
 * @param options.signal ends the attempt when it is aborted
 */
export async function awaitAttempt(
  attempt: Attempt,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal; readonly progress?: Progress },
): Promise<RunResult> {
  const { folder, labName } = attempt;
  const start = performance.now();
  makePrivateFolder(folder);
  writeFileAtomic(join(folder, attemptFile), JSON.stringify(attempt));
  const { told, ...ended } = await endOf(startProcess(folder), options);
  const durationMs = Math.round(performance.now() - start);
  const result = told ? undefined : readResult(folder);
  if (result) return result;
  const leftOver = await down(labName, options.progress ?? new ProgressLog()).then(
    () => '',
    (error: unknown) => `; its lab could not be ended: ${messageOf(error)}`,
  );
  if (told === 'interrupted') {
    return withoutOutcome(attempt, {
      verdict: 'skip',
      reason: `interrupted${leftOver}`,
      reasonKind: 'interrupted',
      durationMs,
    });
  }
  const why =
    told === 'deadline'
      ? `it did not end within ${options.deadlineMs / 1000} s`
      : `its process ended with ${ended.signal ?? `exit code ${ended.code}`} before it had a result`;
  return withoutOutcome(attempt, {
    verdict: 'error',
    reason: `${why}; ${lastWords(folder)}${leftOver}`,
    reasonKind: told ?? 'crashed',
    durationMs,
  });
}

/** In a process group of its own, so that Ctrl-C at the terminal reaches this process alone, which tells it. */
function startProcess(folder: string): ChildProcess {
  const program = join(softwareFolder(), 'dist', 'make-attempt.js');
  const log = openSync(join(folder, logFile), 'w', 0o600);
  try {
    const argv = [process.execPath, program, folder, String(process.pid)];
    return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
      stdio: ['ignore', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

function endOf(
  child: ChildProcess,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<Ended> {
  return new Promise((resolve) => {
    let told: Ended['told'];
    let grace: NodeJS.Timeout | undefined;
    const tell = (why: NonNullable<Ended['told']>) => {
      if (told) return;
      told = why;
      child.kill('SIGTERM');
      grace = setTimeout(() => killGroup(child), graceMs);
    };
    const onAbort = () => tell('interrupted');
    const deadline = setTimeout(() => tell('deadline'), deadlineMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const ended = (end: Ended) => {
      clearTimeout(deadline);
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      // What it had started outside its lab.
      killGroup(child);
      resolve({ ...end, ...(told ? { told } : {}) });
    };
    child.once('error', () => ended({ code: 127, signal: null }));
    child.once('exit', (code, by) => ended({ code, signal: by }));
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function readResult(folder: string): RunResult | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, resultFile), 'utf8')) as RunResult;
  } catch {
    return undefined;
  }
}

/** What an attempt printed last. */
function lastWords(folder: string): string {
  try {
    const lines = readFileSync(join(folder, logFile), 'utf8').trim().split('\n');
    const last = lines.at(-1)?.trim();
    return last ? `it said last: ${last}` : 'it said nothing';
  } catch (error) {
    return messageOf(error);
  }
}
