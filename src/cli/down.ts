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
      const { down } = await import('../lab/down.ts');
      const { chooseLabs } = await import('../lab/choose.ts');
      if (name && options.all) throw new LabError('usage', 'give the name of a lab or --all, not both');
      const progress = progressFor(options);
      const names = chooseLabs(name, options.all ?? false);
      const ended = await Promise.all(
        names.map(async (each) => ((await down(each, progress)) ? [each] : [])),
      );
      if (names.length === 0) progress.note('no lab is up');
      if (options.json) printJson('down', { ended: ended.flat(), steps: progress.steps });
    },
  );
}
