import { LabError, messageOf } from '../errors.ts';
import { down } from '../lab/down.ts';
import { interruptible } from '../lab/interruption.ts';
import type { Lab } from '../lab/record.ts';
import { up } from '../lab/up.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import type { Progress } from '../report/progress.ts';
import type { Topology } from '../topology/schema.ts';
import { topologyWith } from '../topology/with-settings.ts';
import type { Scenario } from './api.ts';
import type { RunResult } from './result.ts';
import { tryScenario } from './try.ts';

/** A topology to run a scenario on. */
export interface RunTopology {
  readonly name: string;
  readonly file: string;
  readonly topology: Topology;
}

export interface RunOptions {
  /** The name of the lab that the run builds for itself. */
  readonly labName: string;
  /** The scenario's file, in which the place of an error is told. */
  readonly file: string;
  /** Where its captures go. */
  readonly folder: string;
  readonly accelerator: Accelerator;
  /** Leaves the lab up afterwards, and uses it as it is if it is up already. */
  readonly keep: boolean;
  readonly progress: Progress;
  readonly witness?: RunWitness;
}

/** Whoever wants to see a run's lab while it is there: the failure bundle. */
export interface RunWitness {
  /** The lab is up, and the scenario has not begun. */
  labIsUp(lab: Lab): Promise<void>;
  /**
   * The scenario is over, and the lab has not been ended; there is none if it could not be built.
   *
   * @returns the result, with what the witness has to add
   */
  isOver(lab: Lab | undefined, result: RunResult): Promise<RunResult>;
}

/**
 * The outcome that a scenario declares for a topology, by its name or by the type of its first network; undefined when
 * it declares none.
 */
export function outcomeFor(
  { outcomes }: Pick<Scenario, 'outcomes'>,
  { name, topology }: Pick<RunTopology, 'name' | 'topology'>,
): string | undefined {
  const type = topology.networks[0]?.provider.network_type;
  return outcomes[name] ?? (type && outcomes[type]);
}

/**
 * The same of a scenario that is to be run there.
 *
 * @throws LabError `usage` when it declares none
 */
export function declaredOutcome(scenario: Pick<Scenario, 'outcomes'>, on: RunTopology): string {
  const { name } = on;
  const outcome = outcomeFor(scenario, on);
  if (outcome !== undefined) return outcome;
  const declared = Object.keys(scenario.outcomes).join(', ');
  throw new LabError('usage', `the scenario declares no outcome for topology ${name}`, {
    remedy: `run it on ${declared}, or declare an outcome for ${name} in its outcomes`,
  });
}

/**
 * Runs a scenario on one topology, in a lab of its own that is ended however the run ends. What goes wrong in the lab or
 * in the scenario is the verdict `error`, not an exception.
 *
 * @throws LabError `machine-lacks` when the machine cannot build labs
 */
export async function runScenario(
  scenario: Scenario,
  on: RunTopology,
  options: RunOptions,
): Promise<RunResult> {
  const { labName, accelerator, keep, progress, witness } = options;
  const expected = declaredOutcome(scenario, on);
  const start = performance.now();
  let lab: Lab | undefined;
  const endLab = async () => {
    if (lab && !keep) await down(labName, progress);
  };
  return interruptible(async () => {
    try {
      const made = await up({
        name: labName,
        topology: topologyWith(on.topology, scenario.with),
        topologyFile: on.file,
        accelerator,
        replace: true,
        owned: !keep,
        progress,
      });
      if (!made.built) progress.note(`lab ${labName} is up already and used as it is`);
      lab = made.lab;
    } catch (error) {
      if (error instanceof LabError && error.code !== 'lab-failed') throw error;
      const result: RunResult = {
        topology: on.name,
        ...(scenario.with ? { with: scenario.with } : {}),
        expected,
        observed: null,
        verdict: 'error',
        reason: messageOf(error),
        reasonKind: 'lab-failed',
        ...{ claims: [], journeys: [], captures: {}, provisionings: [] },
        durationMs: Math.round(performance.now() - start),
      };
      return (await witness?.isOver(undefined, result)) ?? result;
    }
    try {
      await witness?.labIsUp(lab);
      const result = await tryScenario(scenario, lab, { topology: on.name, expected, ...options });
      return (await witness?.isOver(lab, result)) ?? result;
    } finally {
      await endLab();
    }
  }, endLab);
}
