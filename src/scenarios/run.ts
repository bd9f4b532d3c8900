import { LabError, messageOf } from '../errors.ts';
import { down } from '../lab/down.ts';
import { interruptible } from '../lab/interruption.ts';
import type { Lab } from '../lab/record.ts';
import { up } from '../lab/up.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import type { Progress } from '../report/progress.ts';
import type { Topology } from '../topology/schema.ts';
import type { Scenario } from './api.ts';
import { claimResults, journeyResults, type RunResult, runVerdict } from './result.ts';
import { ScenarioRun } from './scenario-run.ts';

/** A topology to run a scenario on. */
export interface RunTopology {
  readonly name: string;
  readonly file: string;
  readonly topology: Topology;
}

export interface RunOptions {
  /** The name of the lab that the run builds for itself. */
  readonly labName: string;
  /** Where its captures go. */
  readonly folder: string;
  readonly accelerator: Accelerator;
  /** Leaves the lab up afterwards. */
  readonly keep: boolean;
  readonly progress: Progress;
}

/**
 * The outcome that a scenario declares for a topology, by its name or by the type of its first network; undefined
 * when it declares none.
 */
export function declaredOutcome(scenario: Scenario, { name, topology }: RunTopology): string | undefined {
  const type = topology.networks[0]?.provider.network_type;
  return scenario.outcomes[name] ?? (type && scenario.outcomes[type]);
}

/** Runs a scenario on one topology, in a lab of its own that is ended however the run ends. */
export async function runScenario(
  scenario: Scenario,
  on: RunTopology,
  options: RunOptions,
): Promise<RunResult> {
  const expected = declaredOutcome(scenario, on);
  if (expected === undefined) {
    const declared = Object.keys(scenario.outcomes).join(', ');
    throw new LabError('usage', `the scenario declares no outcome for topology ${on.name}`, {
      remedy: `run it on ${declared}, or declare an outcome for ${on.name} in its outcomes`,
    });
  }
  const { labName, accelerator, keep, progress } = options;
  const start = performance.now();
  const common = { topology: on.name, expected };
  const endLab = async () => {
    await down(labName, progress);
  };
  const failed = (error: unknown, run?: ScenarioRun): RunResult => ({
    ...common,
    observed: null,
    verdict: 'error',
    reason: messageOf(error),
    ...found(run),
    durationMs: Math.round(performance.now() - start),
  });
  return interruptible(async () => {
    let lab: Lab;
    try {
      ({ lab } = await up({
        name: labName,
        topology: on.topology,
        topologyFile: on.file,
        accelerator,
        replace: true,
        owned: !keep,
        progress,
      }));
    } catch (error) {
      if (error instanceof LabError && error.code === 'machine-lacks') throw error;
      return failed(error);
    }
    const run = new ScenarioRun(lab, options.folder);
    try {
      const observed = await scenario.run(run);
      return {
        ...common,
        observed,
        verdict: runVerdict(expected, observed, run.claims),
        ...found(run),
        durationMs: Math.round(performance.now() - start),
      };
    } catch (error) {
      return failed(error, run);
    } finally {
      if (!keep) await endLab();
    }
  }, endLab);
}

function found(run: ScenarioRun | undefined): Pick<RunResult, 'claims' | 'journeys' | 'captures'> {
  if (!run) return { claims: [], journeys: [], captures: {} };
  return {
    claims: claimResults(run.claims),
    journeys: journeyResults(run.observed),
    captures: Object.assign({}, ...run.observed.map((evidence) => evidence.captures)),
  };
}
