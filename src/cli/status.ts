import { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

interface StatusOptions extends CommonOptions {
  readonly showSecrets?: boolean;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .summary("show a lab's networks, leases, machines and daemons")
    .description(
      'Shows what a lab is made of and how each part does. Exit code 3 when a part does not run as it should.',
    )
    .argument('[name]', 'the name of the lab')
    .option('--show-secrets', "show the passwords of the servers' BMCs, which no other command does");
  return withCommonOptions(command).action(async (name: string | undefined, options: StatusOptions) => {
    const { chooseRunningLab } = await import('../lab/choose.ts');
    const { labStatus } = await import('../lab/status.ts');
    const { readSecrets } = await import('../lab/secrets.ts');
    const lab = chooseRunningLab(name);
    const status = await labStatus(lab);
    const bmcs = options.showSecrets ? readSecrets(lab.folder) : [];
    if (options.json)
      printJson('status', { ...status, ...(options.showSecrets ? { secrets: { bmcs } } : {}) });
    else {
      const { secretsText, statusText } = await import('../report/status-text.ts');
      process.stdout.write(`${statusText(status)}\n${options.showSecrets ? secretsText(bmcs) : ''}`);
    }
    if (status.problems.length > 0) process.exitCode = exitCode.labFailed;
  });
}
