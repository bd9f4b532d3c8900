import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { type CommonOptions, printError, withCommonOptions } from './context.ts';

interface ShellOptions extends CommonOptions {
  readonly name?: string;
}

export function shellCommand(): Command {
  const command = new Command('shell')
    .summary('open a shell inside a lab')
    .description(
      'Opens a shell in a host, where ovs-vsctl, virsh, ip netns and the rest work as on the real thing.',
    )
    .argument('[host]', 'devstack, rack, or HOST/NAMESPACE', 'devstack')
    .option('--name <name>', 'the lab, where several are up');
  return withCommonOptions(command).action(async (host: string, options: ShellOptions) => {
    if (options.json) {
      throw new LabError('usage', 'a shell prints no JSON', { remedy: `lab exec --json ${host} -- COMMAND` });
    }
    const { chooseRunningLab } = await import('../lab/choose.ts');
    const { resolvePlace } = await import('../lab/place.ts');
    const { runShell } = await import('../lab/enter.ts');
    const { openApi } = await import('../ironic/open.ts');
    const lab = chooseRunningLab(options.name);
    const place = resolvePlace(lab, host);
    // The clients in the shell need it; a shell without them is of use too, and one that has ended needs none.
    let isOpen = true;
    if (place.host === lab.devstack) void openApi(lab).catch((error) => isOpen && printError(error));
    process.exitCode = await runShell(place, lab.name);
    isOpen = false;
  });
}
