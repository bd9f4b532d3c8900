import { LabError } from '../errors.ts';
import type { Lab } from '../lab/record.ts';
import { portId } from '../topology/ids.ts';
import type { Topology } from '../topology/schema.ts';
import type { ApiClient } from './api-client.ts';
import { describeDriver } from './drivers/table.ts';
import { type DriverInfo, type Node, nodePath } from './node.ts';

/** What may be changed of an enrolled node while it has no instance. */
export interface NodeChange {
  readonly driver?: string;
  readonly driver_info?: DriverInfo;
  readonly network?: string;
  readonly port_id?: string;
}

/** Enrolls a node anew with something changed. @throws LabError `usage` while it has an instance */
export function changeNode(api: ApiClient, node: Node, change: NodeChange): Promise<Node> {
  const { uuid, name, mac, network, port_id, properties, driver, driver_info } = node;
  const body = { uuid, name, mac, network, port_id, properties, driver, driver_info, ...change };
  return api.post<Node>('/v1/nodes', body);
}

/** Has a node driven by another driver. @throws LabError `usage` when its hardware is not reached that way */
export async function setDriver(api: ApiClient, name: string, driver: string): Promise<Node> {
  const node = await api.get<Node>(nodePath(name));
  if (node.driver === driver) return node;
  const { needs } = describeDriver(driver);
  const { driver_info } = node;
  if (needs === undefined) {
    const wants = driver.endsWith('_ssh') ? 'ssh' : 'ipmi';
    const has = driver_info.ssh_address ? 'ssh' : 'ipmi';
    if (wants !== has) {
      const reached = has === 'ssh' ? 'by SSH to the host of its VM' : 'by its BMC';
      throw new LabError('usage', `driver ${driver} cannot reach node ${name}, which is reached ${reached}`, {
        remedy: `use ${has === 'ssh' ? 'pxe_ssh or agent_ssh' : 'agent_ipmitool, pxe_ipmitool, pxe_ipminative or agent_pyghmi'}`,
      });
    }
  }
  return changeNode(api, node, { driver });
}

/**
 * Puts a node on another network: from its next deployment on it has its port there, with the address and the options
 * that the network's dnsmasq gives it, and reaches the conductor by that network.
 *
 * @throws LabError `usage` when there is no such network, or when the machine is not plugged into it
 */
export async function setNetwork(lab: Lab, api: ApiClient, name: string, network: string): Promise<Node> {
  const { topology } = lab;
  if (!topology.networks.some((it) => it.name === network)) {
    throw new LabError('usage', `lab ${lab.name} has no network "${network}"`, {
      remedy: `one of ${topology.networks.map((it) => it.name).join(', ')}`,
    });
  }
  const node = await api.get<Node>(nodePath(name));
  if (node.network === network) return node;
  const plug = plugOf(topology, node.mac);
  if (plug && !plug.reaches(network)) {
    throw new LabError(
      'usage',
      `node ${node.name} cannot be on network ${network}: ${node.mac} is plugged into ${plug.name}`,
      {
        remedy: `possible are ${topology.networks
          .map((it) => it.name)
          .filter(plug.reaches)
          .join(', ')}`,
      },
    );
  }
  return changeNode(api, node, { network, port_id: portId(topology.name, network, node.name) });
}

/** What a machine of the topology is plugged into, and the networks that it may meet there. */
function plugOf(
  topology: Topology,
  mac: string,
): { readonly name: string; readonly reaches: (network: string) => boolean } | undefined {
  if (topology.vms.some((vm) => vm.mac === mac)) {
    const segment = topology.vms[0]?.network;
    return {
      name: `brbm, which is a segment of network ${segment}`,
      reaches: (network) => network === segment,
    };
  }
  const server = topology.servers.find((it) => it.mac === mac);
  if (!server) return undefined;
  const wire = wireOf(topology, server.network);
  return {
    name: `the switch of ${wire}`,
    reaches: (network) => wireOf(topology, network) === wire,
  };
}

/** The physical network that a network is on; undefined for one without, such as a tunnel's. */
function wireOf(topology: Topology, network: string): string | undefined {
  const provider = topology.networks.find(({ name }) => name === network)?.provider;
  return provider && 'physical_network' in provider ? provider.physical_network : undefined;
}
