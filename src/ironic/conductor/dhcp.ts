import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFileAtomic } from '../../linux/files.ts';
import { run } from '../../linux/process.ts';
import {
  type DhcpOption,
  dhcpAgentPlan,
  type HostEntry,
  hostEntries,
  hostsFile,
  optionsFile,
  reloadDhcpAgent,
} from '../../neutron/dhcp-agent.ts';
import { AddressPool } from '../../topology/address-pool.ts';
import { portId } from '../../topology/ids.ts';
import { poolToRange } from '../../topology/ipv4.ts';
import { nodesOf } from '../../topology/nodes.ts';
import type { Network, Topology } from '../../topology/schema.ts';
import type { Node } from '../node.ts';

/** All bound ports, for a conductor that comes after this one: in devstack. */
const portsFile = '/run/ironic/ports.json';

/** A Neutron port that a node has while it is provisioned, as nova and Ironic have one made. */
export interface BoundPort {
  readonly network: string;
  readonly mac: string;
  /** The address that was given out to it; null where the topology says which machine has which. */
  readonly ip: string | null;
  readonly options: readonly DhcpOption[];
}

export type BoundPorts = ReadonlyMap<string, BoundPort>;

/**
 * The machines that a network's dnsmasq is to know: the topology's, without those that are on another network now, and
 * those of ports with an address of their own.
 */
export function boundEntries(topology: Topology, network: Network, ports: BoundPorts): HostEntry[] {
  const here = [...ports].filter(([, port]) => port.network === network.name);
  const replaced = new Set(
    [...ports.values()]
      .filter((port) => port.network !== network.name || port.ip !== null)
      .map(({ mac }) => mac),
  );
  return [
    ...hostEntries(topology, network).filter(({ mac }) => !replaced.has(mac)),
    ...here.flatMap(([port, { mac, ip }]) => (ip === null ? [] : [{ mac, ip, port }])),
  ];
}

/**
 * The address of a node's port: null for a machine whose port the topology has on that network, with its address or
 * none; that of the machine for a node enrolled anew with its MAC; else the next free one.
 *
 * @throws AddressesExhausted
 */
export function addressFor(
  node: Pick<Node, 'mac' | 'network' | 'port_id'>,
  topology: Topology,
  network: Network,
  ports: BoundPorts,
): string | null {
  const there = nodesOf(topology).filter((machine) => machine.network === network.name);
  const same = there.find(({ mac }) => mac === node.mac);
  if (same) {
    const isItsPort = node.port_id === portId(topology.name, network.name, same.name);
    return isItsPort || !same.known ? null : same.ip;
  }
  const { allocation_pools, gateway_ip, dhcp } = network.subnet;
  const bound = [...ports.values()].flatMap((port) =>
    port.network === network.name && port.ip !== null ? [port.ip] : [],
  );
  const taken = [gateway_ip, dhcp.ip, ...there.map(({ ip }) => ip), ...bound];
  return new AddressPool([], allocation_pools.map(poolToRange), taken).take();
}

/** Gives nodes their ports on networks, with what DHCP tells them there, as Ironic does through Neutron. */
export class Ports {
  private readonly topology: Topology;
  private readonly ports: Map<string, BoundPort>;
  private last: Promise<unknown> = Promise.resolve();

  constructor(topology: Topology) {
    this.topology = topology;
    // An earlier conductor's nodes may be on their way.
    this.ports = new Map(existsSync(portsFile) ? JSON.parse(readFileSync(portsFile, 'utf8')) : []);
  }

  /** Sets the options of a node's port, none to take the port away; answers when dnsmasq has them. */
  set(node: Node, options: readonly DhcpOption[]): Promise<void> {
    const known = this.ports.get(node.port_id);
    if (options.length === 0 && !known) return Promise.resolve();
    const network = networkOf(this.topology, node);
    this.ports.delete(node.port_id);
    if (options.length > 0) {
      const ip = known ? known.ip : addressFor(node, this.topology, network, this.ports);
      this.ports.set(node.port_id, { network: node.network, mac: node.mac, ip, options });
    }
    writeFileAtomic(portsFile, JSON.stringify([...this.ports]));
    const home = nodesOf(this.topology).find(({ mac }) => mac === node.mac);
    const changed = this.topology.networks.filter(
      ({ name }) => name === network.name || name === home?.network,
    );
    const turn = this.last.then(async () => {
      for (const each of changed) await this.write(each);
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async write(network: Network): Promise<void> {
    const agent = dhcpAgentPlan(this.topology, network);
    const own = [...this.ports].filter(([, port]) => port.network === network.name);
    const byPort = Object.fromEntries(own.map(([id, port]) => [id, port.options]));
    writeFileSync(`${agent.folder}/opts`, optionsFile(network, byPort));
    writeFileSync(`${agent.folder}/host`, hostsFile(boundEntries(this.topology, network, this.ports)));
    await run(reloadDhcpAgent(agent));
  }
}

/** The network that a node's port is on. */
export function networkOf(topology: Topology, node: Pick<Node, 'name' | 'network'>): Network {
  const network = topology.networks.find(({ name }) => name === node.network);
  if (!network)
    throw new TypeError(`node ${node.name} is on network ${node.network}, which the topology lacks`);
  return network;
}
