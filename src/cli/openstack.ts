import { Command } from 'commander';
import { openConductor } from './conductor-of.ts';

const about = {
  nova: 'instances: flavor-list, boot, list, show, delete, keypair-add …',
  neutron: 'networks: net-list, net-show, port-list',
  glance: 'images: image-list',
  ironic: 'nodes: node-list, node-show, node-set-power-state …',
} as const;

/** OpenStack's clients by their own names. `LAB_NAME` names the lab where several are up: all options are theirs. */
export function openstackCommands(): Command[] {
  return (Object.keys(about) as (keyof typeof about)[]).map((name) =>
    new Command(name)
      .summary(about[name])
      .usage('<subcommand> [arguments]')
      .description(
        `OpenStack's own ${name}, as far as the article uses it, on the lab's API. In \`lab shell\` it is on the PATH.`,
      )
      .argument('[arguments...]', `what ${name} takes; \`lab ${name}\` alone lists the subcommands`)
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (args: string[]) => {
        const { runClient } = await import('../openstack/clients/run.ts');
        await runClient(name, args, {
          api: async () => (await openConductor(process.env.LAB_NAME)).api,
          print: (text) => process.stdout.write(`${text}\n`),
        });
      }),
  );
}
