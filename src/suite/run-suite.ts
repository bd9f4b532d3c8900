import { join } from 'node:path';
import { labNameFor } from '../lab/home.ts';
import { programVersions } from '../lab/versions.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import { thisMachine } from '../linux/machine.ts';
import { newRunFolder } from '../scenarios/kept-runs.ts';
import { type RunResult, worstVerdict } from '../scenarios/result.ts';
import { withoutOutcome } from './attempt.ts';
import { awaitAttempt } from './await-attempt.ts';
import type { Capacity } from './capacity.ts';
import { rememberDurations, rememberedDurations } from './durations.ts';
import { inParallel } from './in-parallel.ts';
import { longestFirst, shuffled } from './order.ts';
import type { PlannedRun } from './plan.ts';
import { countRuns, type EarlierAttempt, type Shard, type SuiteResult, type SuiteRun } from './result.ts';
import { deadlineMs } from './weight.ts';

export interface SuiteOptions {
  readonly capacity: Capacity;
  readonly accelerator: Accelerator;
  /** How often a run that does not pass is tried again. */
  readonly retries: number;
  /** How long a run may take, in ms; undefined for what its weight allows. */
  readonly deadlineMs: number | undefined;
  readonly shard: Shard | null;
  /** Shuffles the order; null for longest first. */
  readonly seed: number | null;
  /** The folder that bundles of runs go in that do not pass; null for none. */
  readonly bundles: string | null;
  /** The version of the lab itself. */
  readonly version: string;
  readonly progress: SuiteProgress;
  /** Once it is aborted what goes on is ended, and the rest is not begun. */
  readonly signal: AbortSignal;
}

/** Is told how a suite goes on. */
export interface SuiteProgress {
  began(run: PlannedRun): void;
  /** The attempt did not pass, and the run is tried again. */
  triedAgain(run: PlannedRun, result: RunResult): void;
  ended(run: SuiteRun): void;
}

/** Runs every run of a plan in a lab and a process of its own. Whatever happens to one, the others go on. */
export async function runSuite(plan: readonly PlannedRun[], options: SuiteOptions): Promise<SuiteResult> {
  const { capacity, seed, shard, signal } = options;
  const start = performance.now();
  const startedAt = new Date().toISOString();
  const versions = programVersions();
  const folder = newRunFolder('suite');
  const order = seed === null ? longestFirst(plan, rememberedDurations()) : shuffled(plan, seed);
  const ended = new Map<string, SuiteRun>();
  let labs = 0;
  const nextLab = () => `-${process.pid}-${++labs}`;
  await inParallel(
    order,
    capacity,
    async (run) => {
      options.progress.began(run);
      const result = await runOne(run, { ...options, folder, nextLab });
      ended.set(run.id, result);
      options.progress.ended(result);
    },
    signal,
  );
  const runs = plan.map((run) => ended.get(run.id) ?? neverBegun(run));
  rememberDurations(runs);
  return {
    startedAt,
    durationMs: Math.round(performance.now() - start),
    verdict: worstVerdict(runs.map(({ verdict }) => verdict)),
    interrupted: signal.aborted,
    counts: countRuns(runs),
    shard,
    seed,
    jobs: capacity.runs,
    topologies: Object.fromEntries(plan.map(({ on }) => [on.file, on.topology])),
    machine: thisMachine(),
    versions: { 'baremetal-lab': options.version, ...(await versions) },
    runs,
  };
}

interface RunPlace {
  /** The suite's folder. */
  readonly folder: string;
  /** An end for a lab's name that makes it unique. */
  readonly nextLab: () => string;
}

async function runOne(run: PlannedRun, options: SuiteOptions & RunPlace): Promise<SuiteRun> {
  const { scenario, about, on, expected } = run;
  const { accelerator, bundles } = options;
  const earlier: EarlierAttempt[] = [];
  for (;;) {
    const folder = join(options.folder, scenario.name, on.name, String(earlier.length + 1));
    const labName = labNameFor([scenario.name, on.name], options.nextLab());
    const startedAt = new Date().toISOString();
    const result = await awaitAttempt(
      { scenario, about, on, expected, labName, folder, accelerator, bundles },
      { deadlineMs: options.deadlineMs ?? deadlineMs(run.weight), signal: options.signal },
    );
    if (!mayPassNextTime(result) || earlier.length >= options.retries || options.signal.aborted) {
      return suiteRun(run, result, { folder, startedAt, earlier });
    }
    options.progress.triedAgain(run, result);
    earlier.push(earlierAttempt(result, folder));
  }
}

/** What the machine lacks, or a file says wrongly, does not change by trying again. */
function mayPassNextTime({ verdict, reasonKind }: RunResult): boolean {
  if (verdict === 'fail') return true;
  return verdict === 'error' && reasonKind !== 'usage' && reasonKind !== 'machine-lacks';
}

function earlierAttempt(
  { verdict, reason, reasonKind, claims, bundle, durationMs }: RunResult,
  folder: string,
): EarlierAttempt {
  return {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    ...(reasonKind === undefined ? {} : { reasonKind }),
    failedClaims: claims.filter(({ holds }) => !holds).map(({ text }) => text),
    ...(bundle === undefined ? {} : { bundle }),
    durationMs,
    folder,
  };
}

function suiteRun(
  { id, scenario, about, on }: PlannedRun,
  result: RunResult,
  attempts: Pick<SuiteRun, 'folder' | 'startedAt' | 'earlier'>,
): SuiteRun {
  const { title, teaches, tags, with: settings } = about;
  return {
    id,
    scenario: scenario.name,
    title,
    teaches,
    tags,
    scenarioFile: scenario.file,
    topologyFile: on.file,
    ...(settings ? { with: settings } : {}),
    ...attempts,
    ...result,
  };
}

function neverBegun(run: PlannedRun): SuiteRun {
  const result = withoutOutcome(run, {
    verdict: 'skip',
    reason: 'interrupted before it began',
    reasonKind: 'interrupted',
    durationMs: 0,
  });
  return suiteRun(run, result, { folder: null, startedAt: null, earlier: [] });
}
