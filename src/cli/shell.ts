import { Command } from 'commander';

export function shellCommand(): Command {
  return new Command('shell')
    .summary('open a shell inside a lab')
    .description(
      'Opens a shell in a host, where ovs-vsctl, virsh, ip netns and the rest work as on the real thing.',
    )
    .argument('[host]', 'devstack, rack, or HOST/NAMESPACE', 'devstack')
    .option('--name <name>', 'the lab, where several are up')
    .option('--debug', 'show the stack of an error')
    .action(async (host: string, options: { readonly name?: string }) => {
      const { chooseRunningLab } = await import('../lab/choose.ts');
      const { resolvePlace } = await import('../lab/place.ts');
      const { runInteractively } = await import('../lab/enter.ts');
      const lab = chooseRunningLab(options.name);
      const place = resolvePlace(lab, host);
      const where = place.namespace ? `${place.host.name}/${place.namespace}` : place.host.name;
      process.exitCode = await runInteractively(place, ['bash', '--norc', '-i'], {
        PS1: `[${lab.name}] ${where} \\w \\$ `,
      });
    });
}
