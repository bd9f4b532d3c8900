import type { Bridge } from '../ovs/bridges.ts';
import { subnetOf } from '../topology/ipv4.ts';
import type { Instance, Topology, Tunnel } from '../topology/schema.ts';
import { type AgentRules, rulesOf } from './integration.ts';
import { interfaceName } from './interface-name.ts';
import { integrationTunnelPort, tunnelBridge, tunnelsTo } from './tunnel-bridge.ts';

/** A stand-in for a VM on the compute node. */
export interface InstancePlan {
  readonly instance: Instance;
  /** Its port on the compute node's br-int, and the end of its cable there. */
  readonly device: string;
}

/** A compute node: a machine in the rack with an Open vSwitch of its own, at the other end of devstack's tunnels. */
export interface ComputeNodePlan {
  /** Its network namespace in the rack. */
  readonly name: string;
  /** The switch's side of its cable; its own is `nic`. */
  readonly device: string;
  readonly nic: string;
  /** The bridge that holds its NIC, whose own port has its tunnel endpoint. */
  readonly endpoint: { readonly device: string; readonly address: string; readonly peer: string };
  readonly bridges: readonly Bridge[];
  readonly rules: AgentRules;
  readonly instances: readonly InstancePlan[];
}

/** The NIC of a compute node, and the bridge that holds it. */
const nic = 'eth0';
const nicBridge = 'br-eth0';

/** What stands at the other end of a topology's tunnels. */
export function computeNodePlan(topology: Topology, tunnel: Tunnel): ComputeNodePlan {
  const { networks } = topology;
  const { compute, local_ip, cidr } = tunnel;
  const tunnels = tunnelsTo(local_ip, networks);
  // An agent gives out its local VLANs by itself: a network's is another on each host.
  const localVlan = (network: string) => networks.findIndex(({ name }) => name === network) + 1;
  const instances = compute.instances.map((instance) => ({
    instance,
    device: interfaceName(instance.name),
  }));
  return {
    name: compute.name,
    device: interfaceName(compute.name),
    nic,
    endpoint: {
      device: nicBridge,
      address: `${compute.ip}/${subnetOf(cidr).prefixLength}`,
      peer: local_ip,
    },
    bridges: [
      {
        name: 'br-int',
        failMode: 'secure',
        ports: [
          integrationTunnelPort,
          ...instances.map(({ instance, device }) => ({
            name: device,
            type: 'system' as const,
            tag: localVlan(instance.network),
          })),
        ],
      },
      tunnelBridge(tunnels, { localIp: compute.ip, remoteIp: local_ip }),
      { name: nicBridge, failMode: 'standalone', ports: [{ name: nic, type: 'system' }] },
    ],
    rules: rulesOf({
      style: topology.rules,
      physical: [],
      tunnels,
      networks: networks
        .map(({ name, provider }) => ({ provider, localVlan: localVlan(name) }))
        .filter(
          // Nothing of it leads to a wire.
          ({ provider }) => !('physical_network' in provider),
        ),
    }),
    instances,
  };
}
