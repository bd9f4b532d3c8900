import type { LabPlan } from '../lab/plan.ts';
import { physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import type { Network, Topology } from '../topology/schema.ts';

/** The points that most stories are about, by what they are. Servers and VMs know their own. */
export interface NamedPoints {
  /** The provider wire where it enters devstack: `devstack/eth2`. */
  readonly wire: string;
  /** Inside the bridge that holds the wire: `devstack/br-eth2`. */
  readonly physicalBridge: string;
  /** Inside br-int, where frames carry the local VLAN. */
  readonly integration: string;
  /** dnsmasq's tap. */
  readonly dhcp: string;
  /** brbm's end of its cable to br-int. */
  readonly brbm: string;
}

export function namedPoints(plan: LabPlan, topology: Topology, network: Network): NamedPoints {
  const physical = physicalBridgeOf(network, physicalBridges(topology));
  const tap = plan.devstack.dhcpAgents.find((agent) => agent.network === network.name)?.tap.name ?? '';
  return {
    wire: `devstack/${physical.wire}`,
    physicalBridge: `devstack/${physical.bridge}`,
    integration: 'devstack/br-int',
    dhcp: `devstack/${tap}`,
    brbm: 'devstack/brbm-tap1',
  };
}

/** What is behind the points whose names do not say it, for a reader. */
export function pointLabels({ devstack, rack, wires }: LabPlan): ReadonlyMap<string, string> {
  const several = devstack.dhcpAgents.length > 1;
  const inDevstack: [device: string, label: string][] = [
    ...devstack.dhcpAgents.map(({ tap, network }): [string, string] => [
      tap.name,
      several ? `dnsmasq ${network}` : 'dnsmasq',
    ]),
    ...devstack.domains.map(({ name, nic }): [string, string] => [nic.device, name]),
    ...devstack.routers.flatMap(({ name, ports }) =>
      ports.map(({ port, bridge }): [string, string] => [
        port.name,
        `${name} ${bridge === 'br-ex' ? 'outside' : 'inside'}`,
      ]),
    ),
    ...wires.map(({ devstackDevice }): [string, string] => [devstackDevice, 'the wire']),
  ];
  // A long name is cut where Linux takes no more of it.
  const inRack = rack.standIns
    .filter(({ device, server }) => device !== server.name)
    .map(({ device, server }) => [`rack/${device}`, server.name] as const);
  return new Map([...inDevstack.map(([device, label]) => [`devstack/${device}`, label] as const), ...inRack]);
}
