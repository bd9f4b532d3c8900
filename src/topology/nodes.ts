import type { Instance, RackServer, Server, ServerWithBmc, Topology, Vm } from './schema.ts';

/** Everybody whose address and DHCP host entry a network holds: VMs, servers, the compute node's instances. */
export function nodesOf({ vms, servers, tunnel }: Topology): (Vm | Server | Instance)[] {
  return [...vms, ...servers, ...(tunnel?.compute.instances ?? [])];
}

/** The servers that stand in the rack. */
export function rackServers({ servers }: Pick<Topology, 'servers'>): RackServer[] {
  return servers.filter((server) => server.kind !== 'external');
}

/** The servers that have a BMC: the lab's own, and real ones outside. */
export function serversWithBmc({ servers }: Pick<Topology, 'servers'>): ServerWithBmc[] {
  return servers.flatMap((server): ServerWithBmc[] => {
    if (server.kind === 'namespace') return [];
    if (server.kind === 'vm') return [server];
    const { bmc } = server;
    return bmc === null ? [] : [{ ...server, bmc }];
  });
}
