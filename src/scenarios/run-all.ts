import { join } from 'node:path';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import type { Progress } from '../report/progress.ts';
import type { Scenario } from './api.ts';
import { newRunFolder } from './kept-runs.ts';
import { type RunResult, type ScenarioResult, worstVerdict } from './result.ts';
import { type RunTopology, runScenario } from './run.ts';

/** Runs a scenario on one topology after the other. */
export async function runOnTopologies(
  name: string,
  scenario: Scenario,
  topologies: readonly RunTopology[],
  options: { readonly accelerator: Accelerator; readonly keep: boolean; readonly progress: Progress },
): Promise<ScenarioResult> {
  const folder = newRunFolder(name);
  const runs: RunResult[] = [];
  for (const on of topologies) {
    options.progress.note(`${name} on ${on.name}`);
    const labName = options.keep ? `${name}-${on.name}` : `${name}-${on.name}-${process.pid}`;
    runs.push(await runScenario(scenario, on, { ...options, labName, folder: join(folder, on.name) }));
  }
  const { title, teaches } = scenario;
  return { scenario: name, title, teaches, verdict: worstVerdict(runs.map(({ verdict }) => verdict)), runs };
}
