import { LabError } from '../../errors.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { PlannedRun } from '../plan.ts';
import { provisioningTag } from '../weight.ts';
import type { LoadedScenario, Mutated } from './mutate.ts';

/**
 * The topologies of a suite with their scenarios that mutants are tried with: those that deploy nothing and take the
 * topology as it is, for they are tried one after the other in one lab.
 *
 * @throws LabError `usage` when there is none
 */
export async function mutatedOf(plan: readonly PlannedRun[], packageRoot: string): Promise<Mutated[]> {
  const light = plan.filter(({ about }) => !about.with && !about.tags.includes(provisioningTag));
  if (light.length === 0) {
    throw new LabError('usage', 'no scenario is left that mutants could be tried with', {
      remedy: 'scenarios that deploy nodes or change their topology are not taken',
    });
  }
  const loaded = new Map<string, Promise<LoadedScenario>>();
  const load = ({ scenario: location }: PlannedRun) => {
    const known =
      loaded.get(location.file) ??
      loadScenario(location, packageRoot).then((scenario) => ({ ...location, scenario }));
    loaded.set(location.file, known);
    return known;
  };
  const byTopology = new Map<string, PlannedRun[]>();
  for (const run of light) byTopology.set(run.on.file, [...(byTopology.get(run.on.file) ?? []), run]);
  return Promise.all(
    [...byTopology.values()].flatMap((runs) => {
      const [first] = runs;
      return first ? [Promise.all(runs.map(load)).then((scenarios) => ({ on: first.on, scenarios }))] : [];
    }),
  );
}
