import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

export function downCommand(): Command {
  const command = new Command('down')
    .summary('end a lab')
    .description('Ends a lab and removes everything of it. Without a name it ends the one lab there is.')
    .argument('[name]', 'the name of the lab')
    .option('--all', 'end every lab');
  return withCommonOptions(command).action(
    async (name: string | undefined, options: CommonOptions & { readonly all?: boolean }) => {
      const { down, endAbandoned } = await import('../lab/down.ts');
      const { chooseLabs } = await import('../lab/choose.ts');
      if (name && options.all) throw new LabError('usage', 'give the name of a lab or --all, not both');
      const progress = progressFor(options);
      await endAbandoned(progress);
      const names = chooseLabs(name, options.all ?? false);
      const results = await Promise.allSettled(
        names.map(async (each) => ((await down(each, progress)) ? [each] : [])),
      );
      const ended = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      if (names.length === 0) progress.note('no lab is up');
      if (options.json) printJson('down', { ended, steps: progress.steps });
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    },
  );
}
