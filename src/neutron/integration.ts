import type { Bridge, Port } from '../ovs/bridges.ts';
import type { Flow } from '../ovs/flow.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { interfaceName } from './interface-name.ts';
import { integrationBase, physicalBase } from './provider-network/base.ts';
import { flatRules } from './provider-network/flat.ts';
import { greRules } from './provider-network/gre.ts';
import { localRules } from './provider-network/local.ts';
import type { Crossing, RuleStyle, TranslationRules } from './provider-network/rules.ts';
import { type TunnelPort, tunnelBase } from './provider-network/tunnel.ts';
import { vlanRules } from './provider-network/vlan.ts';
import { vxlanRules } from './provider-network/vxlan.ts';
import { tunnelBridgeName, tunnelPorts } from './tunnel-bridge.ts';

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

/** What one Open vSwitch agent is told: the bridges of its host, and the networks with its own local VLANs. */
export interface OvsAgent {
  readonly style: RuleStyle;
  readonly physical: readonly PhysicalBridge[];
  /** The tunnels of its br-tun; without any it has no br-tun. */
  readonly tunnels: readonly TunnelPort[];
  readonly networks: readonly { readonly provider: Network['provider']; readonly localVlan: number }[];
}

/** The rules of br-int, br-tun and the physical bridges of devstack for all networks of a topology. */
export function agentRules(topology: Topology): AgentRules {
  return rulesOf({
    style: topology.rules,
    physical: physicalBridges(topology),
    tunnels: tunnelPorts(topology),
    networks: topology.networks.map(({ provider, local_vlan }) => ({ provider, localVlan: local_vlan })),
  });
}

/** The rules that an agent installs in its bridges. */
export function rulesOf(agent: OvsAgent): AgentRules {
  const { style, physical, tunnels, networks } = agent;
  const translations = networks.map((network) => ({ ...networkRules(agent, network), ...network }));
  const flows: Record<string, readonly Flow[]> = {
    'br-int': [
      ...integrationBase(style, physical),
      ...translations.flatMap(({ integration }) => integration),
    ],
  };
  if (tunnels.length > 0) {
    flows[tunnelBridgeName] = [
      ...tunnelBase(style, tunnels),
      ...translations.flatMap(({ tunnel }) => tunnel),
    ];
  }
  for (const crossing of physical) {
    const own = translations.filter(({ provider }) => isOn(provider, crossing));
    flows[crossing.bridge] = [...physicalBase(style, crossing), ...own.flatMap((rules) => rules.physical)];
  }
  return { protocol: style === 'current' ? 'OpenFlow13' : 'OpenFlow10', flows };
}

function isOn(provider: Network['provider'], { physicalNetwork }: PhysicalBridge): boolean {
  return 'physical_network' in provider && provider.physical_network === physicalNetwork;
}

/**
 * The physical bridge of the wire that a network's servers are on: the network's own, by which its frames leave. That
 * of a network on no wire (gre, vxlan, local) is the first: its servers are as far from it as they can be.
 */
export function physicalBridgeOf(
  { provider }: Pick<Network, 'provider'>,
  physical: readonly PhysicalBridge[],
): PhysicalBridge {
  const found = 'physical_network' in provider ? physical.find((it) => isOn(provider, it)) : physical[0];
  // The topology's checks refuse a physical network that has no bridge mapping, and a mapping of none.
  if (!found) throw new TypeError(`no bridge mapping for a ${provider.network_type} network`);
  return found;
}

function networkRules(
  { style, physical, tunnels }: OvsAgent,
  { provider, localVlan }: OvsAgent['networks'][number],
): TranslationRules {
  switch (provider.network_type) {
    case 'flat':
      return flatRules(style, { localVlan }, physicalBridgeOf({ provider }, physical));
    case 'vlan': {
      const segmentationId = provider.segmentation_id;
      return vlanRules(style, { localVlan, segmentationId }, physicalBridgeOf({ provider }, physical));
    }
    case 'gre':
      return greRules(style, { localVlan, segmentationId: provider.segmentation_id }, tunnels);
    case 'vxlan':
      return vxlanRules(style, { localVlan, segmentationId: provider.segmentation_id }, tunnels);
    case 'local':
      return localRules();
  }
}
