import { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .summary("show a lab's networks, leases, machines and daemons")
    .description(
      'Shows what a lab is made of and how each part does. Exit code 3 when a part does not run as it should.',
    )
    .argument('[name]', 'the name of the lab');
  return withCommonOptions(command).action(async (name: string | undefined, options: CommonOptions) => {
    const { chooseRunningLab } = await import('../lab/choose.ts');
    const { labStatus } = await import('../lab/status.ts');
    const status = await labStatus(chooseRunningLab(name));
    if (options.json) printJson('status', status);
    else {
      const { statusText } = await import('../report/status-text.ts');
      process.stdout.write(`${statusText(status)}\n`);
    }
    if (status.problems.length > 0) process.exitCode = exitCode.labFailed;
  });
}
