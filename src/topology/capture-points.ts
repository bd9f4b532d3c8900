import { dhcpPortId, gatewayPortId, portId, portInterface, wireOf } from './ids.ts';
import { rackServers } from './nodes.ts';
import type { Topology } from './schema.ts';

/**
 * Where frames are worth seeing, as HOST/INTERFACE: each network's DHCP tap, br-int's own port (which shows local
 * VLANs), brbm's link to br-int, the physical bridges and their wires, both sides of the routers, and the servers.
 *
 * @param crowd the names of servers made by `count`, each of which is one among many and left out
 */
export function interestingPoints(
  topology: Omit<Topology, 'capture_points'>,
  crowd: ReadonlySet<string>,
): string[] {
  const { name, networks, bridge_mappings, routers, servers, tunnel } = topology;
  const inside = [
    ...networks.map((network) => portInterface('tap', dhcpPortId(name, network.name))),
    'br-int',
    'brbm-tap1',
    ...Object.values(topology.bridge_mappings),
    ...Object.values(bridge_mappings).map(wireOf),
    ...routers.flatMap((router) => [
      ...router.interfaces.map((network) => portInterface('qr-', portId(name, network, router.name))),
      portInterface('qg-', gatewayPortId(name, router.name)),
    ]),
  ];
  return [
    ...inside.map((point) => `devstack/${point}`),
    ...(tunnel ? [tunnel.compute, ...tunnel.compute.instances].map(({ name: node }) => `rack/${node}`) : []),
    ...rackServers({ servers })
      .filter((server) => !crowd.has(server.name))
      .map((server) => `rack/${server.name}`),
  ];
}
