import { Command } from 'commander';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

export function topologiesCommand(): Command {
  const command = new Command('topologies')
    .summary('list the topologies')
    .description(
      'Lists the topologies that have a name: those in ./topologies, and those that come with the lab.',
    );
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { describeTopologies } = await import('../topology/list.ts');
    const { packageRoot } = await import('./package.ts');
    const { table } = await import('../report/table.ts');
    const topologies = await describeTopologies({ cwd: process.cwd(), packageRoot });
    if (options.json) {
      printJson('topologies', { topologies });
      return;
    }
    const rows = topologies.map(({ name, title, problem }) => [name, title ?? problem ?? '']);
    process.stdout.write(`${table(rows).join('\n')}\n`);
  });
}
