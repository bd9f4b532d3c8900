import type { Command } from 'commander';
import { LabError } from '../../errors.ts';
import type { Node } from '../../ironic/node.ts';
import type { CloudInstance } from '../cloud.ts';
import { cell, prettyTable, propertyTable } from '../pretty-table.ts';
import { type ClientContext, clientProgram, subcommand } from './client.ts';

const powerVerbs = ['on', 'off', 'reboot'];
const provisionVerbs = ['active', 'deleted', 'rebuild'];

/** python-ironicclient's `ironic`, as far as the article uses it. */
export function ironicClient({ api, print }: ClientContext): Command {
  const program = clientProgram('ironic', 'Bare-metal nodes.');
  const nodes = async () => (await (await api()).get<{ nodes: Node[] }>('/v1/nodes')).nodes;
  const node = async (id: string) => (await api()).get<Node>(path(id));

  subcommand(program, 'node-list', 'the nodes').action(async () => {
    const { servers } = await (await api()).get<{ servers: CloudInstance[] }>('/v2/servers');
    const rows = (await nodes()).map((it) => [
      it.uuid,
      servers.find(({ node: uuid }) => uuid === it.uuid)?.id ?? 'None',
      cell(it.power_state),
      cell(it.provision_state),
      cell(it.maintenance),
    ]);
    print(prettyTable(['UUID', 'Instance UUID', 'Power State', 'Provisioning State', 'Maintenance'], rows));
  });
  subcommand(program, 'node-show', 'one node')
    .argument('<node>')
    .action(async (id: string) => print(propertyTable(['Property', 'Value'], { ...(await node(id)) })));
  subcommand(program, 'port-list', 'the NICs of the nodes').action(async () => {
    const rows = (await nodes()).map(({ port_id, mac }) => [port_id, mac]);
    print(prettyTable(['UUID', 'Address'], rows));
  });
  subcommand(program, 'node-port-list', 'the NICs of one node')
    .argument('<node>')
    .action(async (id: string) => {
      const { port_id, mac } = await node(id);
      print(prettyTable(['UUID', 'Address'], [[port_id, mac]]));
    });
  subcommand(program, 'driver-list', 'the drivers').action(async () => {
    const { drivers } = await (await api()).get<{ drivers: { name: string; needs?: string }[] }>(
      '/v1/drivers',
    );
    const rows = drivers.filter(({ needs }) => needs === undefined).map(({ name }) => [name, 'devstack']);
    print(prettyTable(['Supported driver(s)', 'Active host(s)'], rows));
  });
  subcommand(program, 'node-set-power-state', 'power on, off, or cycle a node')
    .argument('<node>')
    .argument('<power-state>', powerVerbs.join(', '))
    .action(async (id: string, state: string) => {
      known('power state', state, powerVerbs);
      await (await api()).put(`${path(id)}/states/power`, { target: state });
    });
  subcommand(program, 'node-set-provision-state', 'deploy a node, or take its instance off')
    .argument('<node>')
    .argument('<provision-state>', provisionVerbs.join(', '))
    .action(async (id: string, state: string) => {
      known('provision state', state, provisionVerbs);
      await (await api()).put(`${path(id)}/states/provision`, { target: state });
    });
  return program;
}

function path(node: string): string {
  return `/v1/nodes/${encodeURIComponent(node)}`;
}

function known(what: string, value: string, values: readonly string[]): void {
  if (values.includes(value)) return;
  throw new LabError('usage', `there is no ${what} ${value} to set; there are: ${values.join(', ')}`);
}
