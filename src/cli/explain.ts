import { Command } from 'commander';
import { LabError } from '../errors.ts';
import type { Scenario } from '../scenarios/api.ts';
import type { ScenarioLocation } from '../scenarios/load.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';
import { packageRoot } from './package.ts';

export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('tell the story of a network or a scenario, for a learner')
    .description(
      "Draws the figure with the lab's own names, says what each rule does, lets real servers ask for an address and follows their DISCOVER hop by hop, and tells why the other kind of network fails. Uses a lab of that topology that is up; else it builds one, and ends it.",
    )
    .argument('<what>', 'flat, vlan or another topology, or a scenario');
  return withCommonOptions(command).action(async (what: string, options: CommonOptions) => {
    const { listScenarios, loadScenario } = await import('../scenarios/load.ts');
    const folders = { cwd: process.cwd(), packageRoot };
    const location = listScenarios(folders).find(({ name }) => name === what);
    if (!location) await refuseUnknown(what, folders);
    if (location) await explainScenario(location, await loadScenario(location, packageRoot), options);
    else await explainTopology(what, options);
  });
}

/** @throws LabError `usage` for what is neither a path nor the name of a topology */
async function refuseUnknown(what: string, folders: { cwd: string; packageRoot: string }): Promise<void> {
  if (what.includes('/') || /\.ya?ml$/.test(what)) return;
  const { describeTopologies } = await import('../topology/list.ts');
  const { listScenarios } = await import('../scenarios/load.ts');
  const { closest } = await import('../topology/suggest.ts');
  const topologies = (await describeTopologies(folders)).map(({ name }) => name);
  if (topologies.includes(what)) return;
  const names = [...topologies, ...listScenarios(folders).map(({ name }) => name)];
  const meant = closest(what, names);
  const hint = meant ? `; did you mean "${meant}"?` : '';
  throw new LabError('usage', `there is no topology and no scenario "${what}"${hint}`, {
    remedy: `one of ${names.join(', ')}`,
  });
}

async function explainTopology(what: string, options: CommonOptions): Promise<void> {
  const { openTopology } = await import('./open-topology.ts');
  const { withLab } = await import('../lab/with-lab.ts');
  const { tellStory } = await import('../scenarios/story.ts');
  const { storyText } = await import('../report/explain-text.ts');
  const { physicalBridgeOf, physicalBridges } = await import('../neutron/integration.ts');
  const progress = progressFor(options);
  const opened = await openTopology(what);
  const story = await withLab(opened, progress, (lab) => tellStory(lab, progress));
  if (options.json) {
    printJson('explain', story);
    return;
  }
  const { topology } = opened;
  const [network] = topology.networks;
  if (!network) throw new TypeError('a topology has at least one network');
  const crossing = physicalBridgeOf(network, physicalBridges(topology));
  process.stdout.write(`${storyText(story, { style: topology.rules, crossing, written: what })}\n`);
}

async function explainScenario(
  location: ScenarioLocation,
  scenario: Scenario,
  options: CommonOptions,
): Promise<void> {
  const { openTopology } = await import('./open-topology.ts');
  const { runOnTopologies } = await import('../scenarios/run-all.ts');
  const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
  const { scenarioStoryText } = await import('../report/explain-scenario.ts');
  const progress = progressFor(options);
  const topologies = await Promise.all(Object.keys(scenario.outcomes).map(openTopology));
  const result = await runOnTopologies(location, scenario, topologies, {
    accelerator: await chooseAccelerator(progress),
    keep: false,
    progress,
  });
  if (options.json) printJson('explain', result);
  else process.stdout.write(`${scenarioStoryText(result, topologies)}\n`);
}
