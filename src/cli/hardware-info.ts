import { Command } from 'commander';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

export function hardwareInfoCommand(): Command {
  const command = new Command('hardware-info')
    .summary("print DevStack's hardware_info for a lab's servers")
    .description(
      "Prints a lab's servers as DevStack's hardware_info names them: BMC_IP MAC USER PASSWORD. It shows the passwords.",
    )
    .argument('[lab]', 'the lab, where several are up');
  return withCommonOptions(command).action(async (name: string | undefined, options: CommonOptions) => {
    const { chooseRunningLab } = await import('../lab/choose.ts');
    const { readSecrets } = await import('../lab/secrets.ts');
    const { serversOf, hardwareInfoText } = await import('../devstack/hardware-info-text.ts');
    const lab = chooseRunningLab(name);
    const servers = serversOf(lab.topology, readSecrets(lab.folder));
    if (options.json) printJson('hardware-info', { servers });
    else process.stdout.write(hardwareInfoText(lab.name, servers));
  });
}
