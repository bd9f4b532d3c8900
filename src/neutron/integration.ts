import type { Bridge, Port } from '../ovs/bridges.ts';
import type { Flow } from '../ovs/flow.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { interfaceName } from './interface-name.ts';
import { integrationBase, physicalBase } from './provider-network/base.ts';
import { flatRules } from './provider-network/flat.ts';
import type { Crossing, TranslationRules } from './provider-network/rules.ts';
import { vlanRules } from './provider-network/vlan.ts';

/** A bridge that holds a wire, and the ports that tie it to br-int. */
export interface PhysicalBridge extends Crossing {
  readonly physicalNetwork: string;
  readonly bridge: string;
}

/** The physical bridges of a topology, as its bridge mappings name them. */
export function physicalBridges(topology: Topology): PhysicalBridge[] {
  return Object.entries(topology.bridge_mappings).map(([physicalNetwork, bridge]) => ({
    physicalNetwork,
    bridge,
    intPort: interfaceName(bridge, 'int-'),
    phyPort: interfaceName(bridge, 'phy-'),
    wire: bridge.replace(/^br-/, ''),
  }));
}

/** The ports that tie br-int to each physical bridge: patch ports, or the ends of a veth. */
export function crossingPorts(
  topology: Topology,
  physical: PhysicalBridge,
): { readonly onIntegration: Port; readonly onPhysical: Port } {
  const { intPort, phyPort } = physical;
  switch (topology.interconnect) {
    case 'patch':
      return {
        onIntegration: { name: intPort, type: 'patch', peer: phyPort },
        onPhysical: { name: phyPort, type: 'patch', peer: intPort },
      };
    case 'veth':
      return {
        onIntegration: { name: intPort, type: 'system' },
        onPhysical: { name: phyPort, type: 'system' },
      };
  }
}

/** A physical bridge with its wire and its port towards br-int. */
export function physicalBridge(topology: Topology, physical: PhysicalBridge): Bridge {
  return {
    name: physical.bridge,
    failMode: 'standalone',
    ports: [{ name: physical.wire, type: 'system' }, crossingPorts(topology, physical).onPhysical],
  };
}

/** The rules of every bridge that the Open vSwitch agent programs, by bridge. */
export interface AgentRules {
  /** The OpenFlow version the agent speaks: Juno's speaks 1.0, today's 1.3. */
  readonly protocol: 'OpenFlow10' | 'OpenFlow13';
  readonly flows: Readonly<Record<string, readonly Flow[]>>;
}

/** The rules of br-int and the physical bridges for all networks of a topology. */
export function agentRules(topology: Topology): AgentRules {
  const style = topology.rules;
  const physical = physicalBridges(topology);
  const translations = topology.networks.map((network) => {
    const crossing = physicalBridgeOf(network, physical);
    return { bridge: crossing.bridge, ...networkRules(topology, network, crossing) };
  });
  const flows: Record<string, readonly Flow[]> = {
    'br-int': [
      ...integrationBase(style, physical),
      ...translations.flatMap(({ integration }) => integration),
    ],
  };
  for (const crossing of physical) {
    flows[crossing.bridge] = [
      ...physicalBase(style, crossing),
      ...translations.filter(({ bridge }) => bridge === crossing.bridge).flatMap((rules) => rules.physical),
    ];
  }
  return { protocol: style === 'current' ? 'OpenFlow13' : 'OpenFlow10', flows };
}

/** The physical bridge that a network's frames leave by. */
export function physicalBridgeOf(network: Network, physical: readonly PhysicalBridge[]): PhysicalBridge {
  const found = physical.find((it) => it.physicalNetwork === network.provider.physical_network);
  // The topology's checks refuse a physical network that has no bridge mapping.
  if (!found) throw new TypeError(`no bridge mapping for ${network.provider.physical_network}`);
  return found;
}

function networkRules(topology: Topology, network: Network, crossing: PhysicalBridge): TranslationRules {
  const localVlan = network.local_vlan;
  switch (network.provider.network_type) {
    case 'flat':
      return flatRules(topology.rules, { localVlan }, crossing);
    case 'vlan': {
      const segmentationId = network.provider.segmentation_id;
      return vlanRules(topology.rules, { localVlan, segmentationId }, crossing);
    }
  }
}
