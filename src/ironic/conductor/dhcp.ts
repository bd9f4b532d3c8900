import { readFileSync, writeFileSync } from 'node:fs';
import { type DhcpOption, dhcpAgentPlan, optionsFile } from '../../neutron/dhcp-agent.ts';
import type { Network, Topology } from '../../topology/schema.ts';
import type { Node } from '../node.ts';

/** Sets the DHCP options of nodes' ports, as Ironic does through Neutron: dnsmasq reads its file anew on SIGHUP. */
export class PortOptions {
  private readonly topology: Topology;
  private readonly ports = new Map<
    string,
    { readonly network: string; readonly options: readonly DhcpOption[] }
  >();

  constructor(topology: Topology) {
    this.topology = topology;
  }

  /** Sets the options of a node's port; none to take them away. */
  set(node: Node, options: readonly DhcpOption[]): void {
    if (options.length === 0) this.ports.delete(node.port_id);
    else this.ports.set(node.port_id, { network: node.network, options });
    const network = networkOf(this.topology, node);
    const agent = dhcpAgentPlan(this.topology, network);
    const own = [...this.ports].filter(([, port]) => port.network === network.name);
    const byPort = Object.fromEntries(own.map(([id, port]) => [id, port.options]));
    writeFileSync(`${agent.folder}/opts`, optionsFile(network, byPort));
    process.kill(Number(readFileSync(agent.pidFile, 'utf8')), 'SIGHUP');
  }
}

/** The network that a node's port is on. */
export function networkOf(topology: Topology, node: Node): Network {
  const network = topology.networks.find(({ name }) => name === node.network);
  if (!network)
    throw new TypeError(`node ${node.name} is on network ${node.network}, which the topology lacks`);
  return network;
}
