import type { Instance, Server, Topology, Vm } from './schema.ts';

/** Everybody whose address and DHCP host entry a network holds: VMs, servers, the compute node's instances. */
export function nodesOf({ vms, servers, tunnel }: Topology): (Vm | Server | Instance)[] {
  return [...vms, ...servers, ...(tunnel?.compute.instances ?? [])];
}
