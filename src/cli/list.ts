import { Command } from 'commander';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

export function listCommand(): Command {
  const command = new Command('list').summary('list the labs').description('Lists all labs of this user.');
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { listLabs } = await import('../lab/list.ts');
    const { localTime } = await import('../report/time.ts');
    const { table } = await import('../report/table.ts');
    const { giveBackStranded } = await import('../lab/stranded-nics.ts');
    const progress = progressFor(options);
    await giveBackStranded(progress);
    const labs = await listLabs();
    if (options.json) {
      printJson('list', { labs });
      return;
    }
    if (labs.length === 0) progress.note('no lab is up; `lab up flat` builds one');
    else {
      const rows = labs.map(({ name, state, since, topology, problem }) => [
        name,
        state,
        since ? localTime(since) : '-',
        topology ? `${topology.name}: ${topology.title}` : (problem ?? 'it has no record'),
      ]);
      process.stdout.write(`${table([['LAB', 'STATE', 'SINCE', 'TOPOLOGY'], ...rows]).join('\n')}\n`);
    }
    if (labs.some(({ state }) => state === 'broken')) progress.note('`lab down NAME` ends a broken lab');
  });
}
