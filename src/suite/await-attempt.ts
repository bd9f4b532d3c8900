import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWitness } from '../bundle/bundle.ts';
import { messageOf } from '../errors.ts';
import { down } from '../lab/down.ts';
import { lockLab } from '../lab/lifecycle-lock.ts';
import { type Lab, readRecord } from '../lab/record.ts';
import { runningLab } from '../lab/running.ts';
import { sweepScratch } from '../lab/scratch.ts';
import { softwareFolder } from '../lab/software.ts';
import { makePrivateFolder, writeFileAtomic } from '../linux/files.ts';
import { ProgressLog } from '../report/progress.ts';
import type { RunResult } from '../scenarios/result.ts';
import { type Attempt, attemptFile, bundledRun, logFile, resultFile, withoutOutcome } from './attempt.ts';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it was killed. */
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
  options: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<RunResult> {
  const { folder } = attempt;
  const start = performance.now();
  makePrivateFolder(folder);
  writeFileAtomic(join(folder, attemptFile), JSON.stringify(attempt));
  const { told, ...ended } = await endOf(startProcess(folder), options);
  const result = told ? undefined : readResult(folder);
  if (result) return result;
  const durationMs = Math.round(performance.now() - start);
  if (told === 'interrupted') {
    const end = { verdict: 'skip', reason: 'interrupted', reasonKind: 'interrupted', durationMs } as const;
    return withLabEnded(attempt, withoutOutcome(attempt, end));
  }
  const why =
    told === 'deadline'
      ? `it did not end within ${options.deadlineMs / 1000} s`
      : `its process ended with ${ended.signal ?? `exit code ${ended.code}`} before it had a result`;
  const reason = `${why}; ${lastWords(folder)}`;
  const end = { verdict: 'error', reason, reasonKind: told ?? 'crashed', durationMs } as const;
  return withLabEnded(attempt, await withBundle(attempt, withoutOutcome(attempt, end)));
}

/** What a process that died has left: its lab, and its temporary files. */
async function withLabEnded({ labName }: Attempt, result: RunResult): Promise<RunResult> {
  try {
    await down(labName, new ProgressLog());
    sweepScratch();
    return result;
  } catch (error) {
    return { ...result, reason: `${result.reason}; its lab could not be ended: ${messageOf(error)}` };
  }
}

/** A result with the bundle of its lab, if one is wanted; of a lab that has not been ended yet with all that it knows. */
async function withBundle(attempt: Attempt, result: RunResult): Promise<RunResult> {
  const { bundles, labName } = attempt;
  if (bundles === null) return result;
  const progress = new ProgressLog();
  // Its process has died: the next lab that is built would have it ended first.
  const lock = await lockLab(labName, progress);
  try {
    return await bundleWitness(bundledRun(attempt), bundles, progress).isOver(labThatRuns(labName), result);
  } finally {
    lock.release();
  }
}

function labThatRuns(name: string): Lab | undefined {
  try {
    const record = readRecord(name);
    return record && runningLab(record);
  } catch {
    return undefined;
  }
}

/** In a process group of its own, so that Ctrl-C at the terminal reaches this process alone, which ends it. */
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

/**
 * Waits for a process to end, and kills it at its deadline or when it is aborted: its lab, which is left, can then be
 * looked into, and is ended from here.
 */
function endOf(
  child: ChildProcess,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<Ended> {
  return new Promise((resolve) => {
    let told: Ended['told'];
    const tell = (why: NonNullable<Ended['told']>) => {
      told ??= why;
      killGroup(child);
    };
    const onAbort = () => tell('interrupted');
    const deadline = setTimeout(() => tell('deadline'), deadlineMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const ended = (end: Ended) => {
      clearTimeout(deadline);
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
