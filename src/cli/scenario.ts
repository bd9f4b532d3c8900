import { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { bundleFolder } from './bundle-folder.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';
import { packageRoot } from './package.ts';

interface ScenarioOptions extends CommonOptions {
  readonly topology?: string[];
  readonly keep?: boolean;
  readonly bundle?: string;
}

export function scenarioCommand(): Command {
  const command = new Command('scenario')
    .summary('try something on a lab and judge what was captured')
    .description(
      'Builds a lab, captures, acts, and judges. Without --topology it runs on all that the scenario declares.',
    )
    .argument('<name>', 'a name from `lab scenarios`, or the path of a .ts file')
    .option('-t, --topology <topology...>', 'run on these topologies alone')
    .option('--keep', 'leave the labs up')
    .option('--bundle <folder>', 'keep there all that is needed to see a failure again');
  return withCommonOptions(command).action(async (name: string, options: ScenarioOptions) => {
    const { loadScenario, resolveScenario } = await import('../scenarios/load.ts');
    const { runOnTopologies } = await import('../scenarios/run-all.ts');
    const { openTopology } = await import('./open-topology.ts');
    const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
    const progress = progressFor(options);
    const location = resolveScenario(name, { cwd: process.cwd(), packageRoot });
    const scenario = await loadScenario(location, packageRoot);
    const topologies = await Promise.all(
      (options.topology ?? Object.keys(scenario.outcomes)).map(openTopology),
    );
    const result = await runOnTopologies(location, scenario, topologies, {
      accelerator: await chooseAccelerator(progress),
      keep: options.keep ?? false,
      progress,
      ...(options.bundle === undefined ? {} : { bundles: bundleFolder(options.bundle) }),
    });
    if (options.json) printJson('scenario', result);
    else {
      const { scenarioText } = await import('../report/scenario-text.ts');
      process.stdout.write(`${scenarioText(result)}\n`);
    }
    if (result.verdict === 'fail') process.exitCode = exitCode.claimFailed;
    if (result.verdict === 'error') process.exitCode = exitCode.labFailed;
  });
}
