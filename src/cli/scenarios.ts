import { Command } from 'commander';
import pc from 'picocolors';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';
import { packageRoot } from './package.ts';

export function scenariosCommand(): Command {
  const command = new Command('scenarios')
    .summary('list the scenarios')
    .description(
      'Lists the scenarios with their outcome on each topology: those in ./scenarios, then those that ship.',
    );
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { listScenarios, loadScenario } = await import('../scenarios/load.ts');
    const locations = listScenarios({ cwd: process.cwd(), packageRoot });
    const scenarios = await Promise.all(
      locations.map(async (location) => ({
        ...location,
        scenario: await loadScenario(location, packageRoot),
      })),
    );
    if (options.json) {
      const listed = scenarios.map(({ name, file, scenario: { title, teaches, outcomes } }) => ({
        name,
        file,
        title,
        teaches,
        outcomes,
      }));
      printJson('scenarios', { scenarios: listed });
      return;
    }
    for (const { name, scenario } of scenarios) {
      const outcomes = Object.entries(scenario.outcomes).map(
        ([topology, outcome]) => `${topology}: ${outcome}`,
      );
      process.stdout.write(`${pc.bold(name)}  ${scenario.title}\n    ${outcomes.join('; ')}\n`);
    }
  });
}
