import { subnetOf } from '../topology/ipv4.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { physicalBridgeOf, physicalBridges } from './integration.ts';

/** An address of devstack itself, at which nodes reach its TFTP server, its API and its images. */
export interface ServiceAddress {
  /** The bridge whose own port has the address. */
  readonly device: string;
  readonly ip: string;
  readonly prefixLength: number;
  /** How devstack reaches the nodes of subnets behind a router. */
  readonly routes: readonly { readonly cidr: string; readonly via: string }[];
}

/**
 * The address by which nodes of a network reach devstack: on br-ex behind the network's router where it has one, else
 * as the network's gateway on the bridge of the wire (what DevStack's set-up for a flat network does). Undefined when
 * the network leads nowhere.
 */
export function serviceAddress(topology: Topology, network: Network): ServiceAddress | undefined {
  const router = topology.routers.find(({ interfaces }) => interfaces.includes(network.name));
  const external = topology.external_network;
  if (router && external) {
    return {
      device: 'br-ex',
      ip: external.tftp_server,
      prefixLength: subnetOf(external.cidr).prefixLength,
      routes: [{ cidr: network.subnet.cidr, via: router.external_ip }],
    };
  }
  if (network.provider.network_type !== 'flat') return undefined;
  return {
    device: physicalBridgeOf(network, physicalBridges(topology)).bridge,
    ip: network.subnet.gateway_ip,
    prefixLength: subnetOf(network.subnet.cidr).prefixLength,
    routes: [],
  };
}

/** All of devstack's addresses, each once. */
export function serviceAddresses(topology: Topology): ServiceAddress[] {
  const byAddress = new Map<string, ServiceAddress>();
  for (const network of topology.networks) {
    const found = serviceAddress(topology, network);
    if (!found) continue;
    const same = byAddress.get(found.ip);
    byAddress.set(found.ip, same ? { ...same, routes: [...same.routes, ...found.routes] } : found);
  }
  return [...byAddress.values()];
}
