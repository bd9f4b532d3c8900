import { Command } from 'commander';
import pc from 'picocolors';
import type { Scenario } from '../scenarios/api.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';
import { packageRoot } from './package.ts';

export function scenariosCommand(): Command {
  const command = new Command('scenarios')
    .summary('list the scenarios')
    .description(
      'Lists the scenarios with their outcome on each topology: those in ./scenarios, then those that ship.',
    );
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { describeScenarios } = await import('../scenarios/load.ts');
    const scenarios = await describeScenarios({ cwd: process.cwd(), packageRoot });
    if (options.json) {
      const listed = scenarios.map(({ name, file, ...described }) => {
        if ('problem' in described) return { name, file, problem: described.problem };
        const { title, teaches, outcomes, tags = [] } = described.scenario;
        return { name, file, title, teaches, outcomes, tags };
      });
      printJson('scenarios', { scenarios: listed });
      return;
    }
    for (const { name, ...described } of scenarios) {
      const [title, more] =
        'problem' in described
          ? [pc.red('cannot be loaded'), described.problem]
          : [described.scenario.title, outcomesText(described.scenario)];
      process.stdout.write(`${pc.bold(name)}  ${title}\n    ${more}\n`);
    }
  });
}

function outcomesText({ outcomes }: Pick<Scenario, 'outcomes'>): string {
  return Object.entries(outcomes)
    .map(([topology, outcome]) => `${topology}: ${outcome}`)
    .join('; ');
}
