import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFileAtomic } from '../../linux/files.ts';
import { run } from '../../linux/process.ts';
import { type DhcpOption, dhcpAgentPlan, optionsFile, reloadDhcpAgent } from '../../neutron/dhcp-agent.ts';
import type { Network, Topology } from '../../topology/schema.ts';
import type { Node } from '../node.ts';

/** The options of all ports, for a conductor that comes after this one: in devstack. */
const portsFile = '/run/ironic/port-options.json';

/** Sets the DHCP options of nodes' ports, as Ironic does through Neutron. */
export class PortOptions {
  private readonly topology: Topology;
  private readonly ports: Map<string, { readonly network: string; readonly options: readonly DhcpOption[] }>;
  private last: Promise<unknown> = Promise.resolve();

  constructor(topology: Topology) {
    this.topology = topology;
    // An earlier conductor's nodes may be on their way.
    this.ports = new Map(existsSync(portsFile) ? JSON.parse(readFileSync(portsFile, 'utf8')) : []);
  }

  /** Sets the options of a node's port, none to take them away; answers when dnsmasq has them. */
  set(node: Node, options: readonly DhcpOption[]): Promise<void> {
    if (options.length === 0 && !this.ports.has(node.port_id)) return Promise.resolve();
    if (options.length === 0) this.ports.delete(node.port_id);
    else this.ports.set(node.port_id, { network: node.network, options });
    writeFileAtomic(portsFile, JSON.stringify([...this.ports]));
    const turn = this.last.then(() => this.write(networkOf(this.topology, node)));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async write(network: Network): Promise<void> {
    const agent = dhcpAgentPlan(this.topology, network);
    const own = [...this.ports].filter(([, port]) => port.network === network.name);
    const byPort = Object.fromEntries(own.map(([id, port]) => [id, port.options]));
    writeFileSync(`${agent.folder}/opts`, optionsFile(network, byPort));
    await run(reloadDhcpAgent(agent));
  }
}

/** The network that a node's port is on. */
export function networkOf(topology: Topology, node: Node): Network {
  const network = topology.networks.find(({ name }) => name === node.network);
  if (!network)
    throw new TypeError(`node ${node.name} is on network ${node.network}, which the topology lacks`);
  return network;
}
