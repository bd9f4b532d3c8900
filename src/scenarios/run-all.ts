import { join } from 'node:path';
import { bundleWitness } from '../bundle/bundle.ts';
import { LabError } from '../errors.ts';
import { labNameFor } from '../lab/home.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import type { Progress } from '../report/progress.ts';
import { topologyWith } from '../topology/with-settings.ts';
import type { Scenario } from './api.ts';
import { newRunFolder } from './kept-runs.ts';
import type { ScenarioLocation } from './load.ts';
import { type RunResult, type ScenarioResult, worstVerdict } from './result.ts';
import { declaredOutcome, type RunTopology, runScenario } from './run.ts';

/**
 * Runs a scenario on one topology after the other.
 *
 * @throws LabError `usage`, before anything is built, when it declares no outcome for one of them, its settings do not
 *   fit one, or two of them have one name; otherwise as `runScenario`
 */
export async function runOnTopologies(
  { name, file }: ScenarioLocation,
  scenario: Scenario,
  topologies: readonly RunTopology[],
  options: {
    readonly accelerator: Accelerator;
    readonly keep: boolean;
    readonly progress: Progress;
    /** The folder that bundles go in of runs that do not pass. */
    readonly bundles?: string;
  },
): Promise<ScenarioResult> {
  for (const on of topologies) {
    declaredOutcome(scenario, on);
    topologyWith(on.topology, scenario.with);
  }
  const twice = topologies.find((on, index) => topologies.findIndex((it) => it.name === on.name) < index);
  if (twice) {
    throw new LabError('usage', `two of the topologies are called ${twice.name}`, {
      remedy: 'run the scenario once for each',
    });
  }
  const folder = newRunFolder(name);
  const runs: RunResult[] = [];
  for (const on of topologies) {
    options.progress.note(`${name} on ${on.name}`);
    const labName = labNameFor([name, on.name], options.keep ? '' : `-${process.pid}`);
    const captures = join(folder, on.name);
    const bundled = { location: { name, file }, scenario, on, folder: captures };
    const witness =
      options.bundles === undefined ? undefined : bundleWitness(bundled, options.bundles, options.progress);
    runs.push(
      await runScenario(scenario, on, {
        ...options,
        labName,
        file,
        folder: captures,
        ...(witness ? { witness } : {}),
      }),
    );
  }
  const { title, teaches } = scenario;
  return {
    scenario: name,
    title,
    teaches,
    verdict: worstVerdict(runs.map(({ verdict }) => verdict)),
    runs,
  };
}
