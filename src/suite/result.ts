import type { Machine } from '../linux/machine.ts';
import type { ReasonKind, RunResult, Verdict } from '../scenarios/result.ts';
import type { Topology } from '../topology/schema.ts';

/** What became of a suite, as `--json` prints it and every reporter takes it: plain data, complete in itself. */
export interface SuiteResult {
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The worst of the runs'. */
  readonly verdict: Verdict;
  /** The user ended it: the runs that had not ended then have the verdict `skip` and the reason `interrupted`. */
  readonly interrupted: boolean;
  readonly counts: SuiteCounts;
  /** The part that was run of the whole suite; null for all of it. */
  readonly shard: Shard | null;
  /** What the order of the runs was drawn with; null when it was not shuffled. */
  readonly seed: number | null;
  /** How many runs at most went on at once. */
  readonly jobs: number;
  readonly machine: Machine;
  /** The lab's, Node.js', the kernel's and those of the programs that labs are made of, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** What was built, by the path of its file, without what scenarios set: figures are drawn of it. */
  readonly topologies: Readonly<Record<string, Topology>>;
  /** Sorted by scenario, then by topology, in whatever order they went. */
  readonly runs: readonly SuiteRun[];
}

/** Part `index` of `of`; 1-based. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** How many runs ended so. A flaky one has passed and is counted there too. */
export type SuiteCounts = Readonly<Record<Verdict | 'flaky', number>>;

/** One scenario on one topology, with the result of its last attempt. */
export interface SuiteRun extends RunResult {
  /** `SCENARIO on TOPOLOGY`; unique in a suite. */
  readonly id: string;
  readonly scenario: string;
  readonly title: string;
  readonly teaches: string;
  readonly tags: readonly string[];
  /** Absolute paths. */
  readonly scenarioFile: string;
  readonly topologyFile: string;
  /** The absolute path of the folder with its captures and its log; null when it never began. */
  readonly folder: string | null;
  /** ISO 8601 in UTC: when its last attempt began; null when it never did. */
  readonly startedAt: string | null;
  /** The attempts before the last: none of them passed. */
  readonly earlier: readonly EarlierAttempt[];
}

/** An attempt that was followed by another. */
export interface EarlierAttempt {
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly reasonKind?: ReasonKind;
  /** Of its claims those that did not hold. */
  readonly failedClaims: readonly string[];
  /** The absolute path of its bundle, unless one of a later attempt has taken its place. */
  readonly bundle?: string;
  readonly durationMs: number;
  readonly folder: string;
}

/** Whether a run passed, but not at the first attempt. */
export function isFlaky({ verdict, earlier }: Pick<SuiteRun, 'verdict' | 'earlier'>): boolean {
  return verdict === 'pass' && earlier.length > 0;
}

/** How many runs ended in which way. */
export function countRuns(runs: readonly Pick<SuiteRun, 'verdict' | 'earlier'>[]): SuiteCounts {
  const counts = { pass: 0, fail: 0, error: 0, skip: 0, flaky: 0 };
  for (const run of runs) {
    counts[run.verdict] += 1;
    if (isFlaky(run)) counts.flaky += 1;
  }
  return counts;
}

/** What was seen of a run in a line, for lists: its outcome, or why it has none, and the nearest cause of that. */
export function runSummary(run: RunResult): string {
  const [cause] = run.causes ?? [];
  return `${outcomeInLine(run)}${cause ? `; ${cause.text}` : ''}`;
}

function outcomeInLine({ observed, expected, verdict, reason, claims }: RunResult): string {
  if (observed === null) return reason?.split('\n', 1)[0] ?? verdict;
  if (observed !== expected) return `${observed}, but declared is ${expected}`;
  const failed = claims.filter(({ holds }) => !holds).length;
  if (failed > 0) return `${observed}, as declared, but ${failed} of ${claims.length} claims do not hold`;
  return claims.length > 0 ? `${observed}, as declared` : `${observed}, but no claim is stated`;
}
