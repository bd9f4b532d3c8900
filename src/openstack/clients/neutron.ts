import type { Command } from 'commander';
import { named } from '../answers/routes.ts';
import type { CloudNetwork, CloudPort } from '../cloud.ts';
import { prettyTable, propertyTable } from '../pretty-table.ts';
import { type ClientContext, clientProgram, subcommand } from './client.ts';

/** python-neutronclient's `neutron`, as far as the article uses it. */
export function neutronClient({ api, print }: ClientContext): Command {
  const program = clientProgram('neutron', 'Networks and ports.');
  const networks = async () =>
    (await (await api()).get<{ networks: CloudNetwork[] }>('/v2.0/networks')).networks;

  subcommand(program, 'net-list', 'the networks').action(async () => {
    const rows = (await networks()).map(({ id, name, subnets }) => [
      id,
      name,
      subnets.map((subnet) => `${subnet.id} ${subnet.cidr}`).join(' '),
    ]);
    print(prettyTable(['id', 'name', 'subnets'], rows));
  });
  subcommand(program, 'net-show', 'one network')
    .argument('<network>')
    .action(async (which: string) => {
      const network = named('network', which, await networks());
      const subnets = network.subnets.map(({ id }) => id).join(' ');
      print(propertyTable(['Field', 'Value'], { ...network, subnets }));
    });
  subcommand(program, 'port-list', 'the ports').action(async () => {
    const { ports } = await (await api()).get<{ ports: CloudPort[] }>('/v2.0/ports');
    const rows = ports.map(({ id, name, mac_address, fixed_ips }) => [
      id,
      name,
      mac_address,
      fixed_ips.map((ip) => `{"subnet_id": "${ip.subnet_id}", "ip_address": "${ip.ip_address}"}`).join(' '),
    ]);
    print(prettyTable(['id', 'name', 'mac_address', 'fixed_ips'], rows));
  });
  return program;
}
