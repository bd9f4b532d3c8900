import type { BundledRun } from '../bundle/bundle.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import type { ScenarioLocation } from '../scenarios/load.ts';
import type { RunResult } from '../scenarios/result.ts';
import type { RunTopology } from '../scenarios/run.ts';

/** One attempt at a run, as the process that makes it is told: plain data in a file of its folder. */
export interface Attempt {
  readonly scenario: ScenarioLocation;
  readonly on: RunTopology;
  readonly expected: string;
  readonly labName: string;
  /** The absolute path of its own folder: its captures, its log and its result go there. */
  readonly folder: string;
  readonly accelerator: Accelerator;
  readonly about: BundledRun['scenario'];
  /** The folder that bundles of runs go in that do not pass; null for none. */
  readonly bundles: string | null;
}

/** What a bundle of an attempt is about. */
export function bundledRun({ scenario, about, on, folder }: Attempt): BundledRun {
  return { location: scenario, scenario: about, on, folder };
}

/** The names of the files in an attempt's folder. */
export const attemptFile = 'attempt.json';
export const resultFile = 'result.json';
export const logFile = 'log.txt';

/** The result of an attempt that came to none itself. */
export function withoutOutcome(
  { on, expected }: Pick<Attempt, 'on' | 'expected'>,
  end: Required<Pick<RunResult, 'verdict' | 'reason' | 'reasonKind' | 'durationMs'>>,
): RunResult {
  return {
    topology: on.name,
    expected,
    observed: null,
    ...end,
    claims: [],
    journeys: [],
    captures: {},
    provisionings: [],
  };
}
