import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWitness } from '../bundle/bundle.ts';
import { messageOf } from '../errors.ts';
import { down } from '../lab/down.ts';
import { type Lab, readRecord } from '../lab/record.ts';
import { runningLab } from '../lab/running.ts';
import { softwareFolder } from '../lab/software.ts';
import { makePrivateFolder, writeFileAtomic } from '../linux/files.ts';
import type { Progress } from '../report/progress.ts';
import { ProgressLog } from '../report/progress.ts';
import type { RunResult } from '../scenarios/result.ts';
import { type Attempt, attemptFile, bundledRun, logFile, resultFile, withoutOutcome } from './attempt.ts';

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
  const durationMs = () => Math.round(performance.now() - start);
  const error = (why: string, reasonKind: 'deadline' | 'crashed') =>
    withoutOutcome(attempt, {
      verdict: 'error',
      reason: `${why}; ${lastWords(folder)}`,
      reasonKind,
      durationMs: durationMs(),
    });
  let bundled: RunResult | undefined;
  const { told, ...ended } = await endOf(startProcess(folder), {
    ...options,
    atDeadline: async () => {
      bundled = await withBundle(
        attempt,
        error(`it did not end within ${options.deadlineMs / 1000} s`, 'deadline'),
      );
    },
  });
  const result = told ? undefined : readResult(folder);
  if (result) return result;
  if (!told) {
    const how = `its process ended with ${ended.signal ?? `exit code ${ended.code}`} before it had a result`;
    bundled = await withBundle(attempt, error(how, 'crashed'));
  }
  const leftOver = await down(labName, options.progress ?? new ProgressLog()).then(
    () => '',
    (error: unknown) => `; its lab could not be ended: ${messageOf(error)}`,
  );
  if (bundled && told !== 'interrupted') return { ...bundled, reason: `${bundled.reason}${leftOver}` };
  return withoutOutcome(attempt, {
    verdict: 'skip',
    reason: `interrupted${leftOver}`,
    reasonKind: 'interrupted',
    durationMs: durationMs(),
  });
}

/** A result with the bundle of its lab, if one is wanted; of a lab that has not been ended yet with all that it knows. */
async function withBundle(attempt: Attempt, result: RunResult): Promise<RunResult> {
  const { bundles, labName } = attempt;
  if (bundles === null) return result;
  const progress = new ProgressLog();
  return bundleWitness(bundledRun(attempt), bundles, progress).isOver(labThatRuns(labName), result);
}

function labThatRuns(name: string): Lab | undefined {
  try {
    const record = readRecord(name);
    return record && runningLab(record);
  } catch {
    return undefined;
  }
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
  options: {
    readonly deadlineMs: number;
    readonly signal: AbortSignal;
    /** Done when the deadline has passed, before the process is told to end. */
    readonly atDeadline: () => Promise<void>;
  },
): Promise<Ended> {
  const { deadlineMs, signal, atDeadline } = options;
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
    let passed: Promise<void> | undefined;
    const onDeadline = () => {
      passed = atDeadline().finally(() => {
        // It may have ended by itself meanwhile.
        if (child.exitCode === null && child.signalCode === null) tell('deadline');
      });
    };
    const deadline = setTimeout(onDeadline, deadlineMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const ended = (end: Ended) => {
      clearTimeout(deadline);
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      // What it had started outside its lab.
      killGroup(child);
      void Promise.resolve(passed).then(() => resolve({ ...end, ...(told ? { told } : {}) }));
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
