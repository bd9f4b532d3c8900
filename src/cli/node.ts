import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LabError, messageOf } from '../errors.ts';
import { type Node, nodePath } from '../ironic/node.ts';
import { openConductor } from './conductor-of.ts';
import { consoleCommand } from './console.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

interface NodeOptions extends CommonOptions {
  readonly name?: string;
}

/** A subcommand with the options that all of them take. */
function nodeCommand(name: string, summary: string): Command {
  return withCommonOptions(new Command(name).summary(summary).description(summary)).option(
    '--name <lab>',
    'the lab, where several are up',
  );
}

async function printNodes(nodes: readonly Node[], options: CommonOptions): Promise<void> {
  if (options.json) printJson('nodes', { nodes });
  else {
    const { nodeTable } = await import('../report/node-text.ts');
    process.stdout.write(`${nodeTable(nodes)}\n`);
  }
}

async function printNode(node: Node, options: CommonOptions): Promise<void> {
  if (options.json) printJson('node', { node });
  else {
    const { nodeDetails } = await import('../report/node-text.ts');
    process.stdout.write(`${nodeDetails(node)}\n`);
  }
}

export function nodeCommands(): Command {
  return new Command('node')
    .summary("the conductor's nodes: list, show, power, boot device, provision state")
    .description("Looks at and changes the nodes of a lab's conductor, as `ironic node-…` does.")
    .addCommand(
      nodeCommand('list', 'list the nodes with their states').action(async (options: NodeOptions) => {
        const { api } = await openConductor(options.name);
        const { nodes } = await api.get<{ nodes: Node[] }>('/v1/nodes');
        await printNodes(nodes, options);
      }),
    )
    .addCommand(
      nodeCommand('show', 'show all of a node')
        .argument('<node>', 'name or UUID')
        .action(async (node: string, options: NodeOptions) => {
          const { api } = await openConductor(options.name);
          await printNode(await api.get<Node>(nodePath(node)), options);
        }),
    )
    .addCommand(
      nodeCommand('enroll', 'enroll a node, from a JSON file')
        .argument('<file>', 'name, mac, network, driver, driver_info, properties; - for standard input')
        .option('--password-file <file>', "the BMC's password, in place of one in the node's driver_info")
        .action(async (file: string, options: NodeOptions & { readonly passwordFile?: string }) => {
          const { keepPassword } = await import('../ironic/bmc-password.ts');
          const { lab, api } = await openConductor(options.name);
          const node = keepPassword(lab, readJson(file), options.passwordFile);
          await printNode(await api.post<Node>('/v1/nodes', node), options);
        }),
    )
    .addCommand(
      nodeCommand('delete', 'forget a node')
        .argument('<node>', 'name or UUID')
        .action(async (node: string, options: NodeOptions) => {
          const { api } = await openConductor(options.name);
          await api.delete(nodePath(node));
          if (options.json) printJson('node', { deleted: node });
        }),
    )
    .addCommand(
      nodeCommand('set-power-state', 'put the power on or off, or reboot')
        .argument('<node>', 'name or UUID')
        .argument('<state>', 'on, off or reboot')
        .action(async (node: string, target: string, options: NodeOptions) => {
          const { api } = await openConductor(options.name);
          await printNode(await api.put<Node>(nodePath(node, 'states/power'), { target }), options);
        }),
    )
    .addCommand(
      nodeCommand('set-boot-device', 'set the device that the node boots from')
        .argument('<node>', 'name or UUID')
        .argument('<device>', 'pxe, disk, cdrom, bios or safe')
        .option('--persistent', 'for every boot from now on, not the next alone')
        .action(
          async (node: string, device: string, options: NodeOptions & { readonly persistent?: boolean }) => {
            const { api } = await openConductor(options.name);
            const body = { boot_device: device, persistent: options.persistent ?? false };
            await api.put(nodePath(node, 'management/boot_device'), body);
            const now = await api.get<object>(nodePath(node, 'management/boot_device'));
            if (options.json) printJson('boot-device', now);
          },
        ),
    )
    .addCommand(
      nodeCommand('set-provision-state', 'deploy, rebuild or tear down, without waiting for the end')
        .argument('<node>', 'name or UUID')
        .argument('<state>', 'active, rebuild or deleted')
        .option('--image <image>', 'the image to deploy')
        .action(async (node: string, target: string, options: NodeOptions & { readonly image?: string }) => {
          const { api } = await openConductor(options.name);
          const body = { target, ...(options.image ? { image: options.image } : {}) };
          await printNode(await api.put<Node>(nodePath(node, 'states/provision'), body), options);
        }),
    )
    .addCommand(consoleCommand())
    .addCommand(
      nodeCommand('rescue', 'boot the ramdisk with a login on the console, or with --end the instance again')
        .argument('<node>', 'name or UUID')
        .option('--end', 'boot the instance again')
        .action(async (node: string, options: NodeOptions & { readonly end?: boolean }) => {
          const { api } = await openConductor(options.name);
          const target = options.end ? 'unrescue' : 'rescue';
          await printNode(await api.put<Node>(nodePath(node, 'states/rescue'), { target }), options);
        }),
    );
}

function readJson(file: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new LabError('usage', `cannot read a node from ${file}: ${messageOf(cause)}`, {
      remedy: 'a JSON object with name, mac, network, driver and driver_info was expected',
      cause,
    });
  }
  throw new LabError('usage', `${file} holds no JSON object`);
}
