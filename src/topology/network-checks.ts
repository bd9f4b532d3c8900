import type { Path } from './positions.ts';
import { duplicates, type Problem, problem, undefinedName } from './problems.ts';
import type { NetworkEntry } from './schema.ts';
import type { Item, Sections } from './sections.ts';

/** Bridges that every lab has, or may have. */
export const ownBridges: readonly string[] = ['br-int', 'br-ex', 'br-tun', 'brbm'];

/** Physical networks have a bridge each, and those that are named exist. */
export function checkPhysicalNetworks({ bridgeMappings, networks, tunnel }: Sections): Problem[] {
  if (!bridgeMappings) return [];
  const known = Object.keys(bridgeMappings.value);
  const named = (path: Path, name: string) =>
    known.includes(name)
      ? []
      : [undefinedName([...path, 'physical_network'], 'the physical network', name, known)];
  const wire = tunnel?.value?.physical_network;
  return [
    ...duplicates(
      'the bridge',
      Object.entries(bridgeMappings.value).map(([key, bridge]) => ({
        key: bridge,
        path: [...bridgeMappings.path, key],
      })),
    ),
    ...Object.entries(bridgeMappings.value)
      .filter(([, bridge]) => ownBridges.includes(bridge))
      .map(([key, bridge]) =>
        problem(
          [...bridgeMappings.path, key],
          `found the bridge ${bridge}, which has another purpose; choose another, such as br-eth2`,
        ),
      ),
    ...networks.flatMap(({ path, value: { provider } }) =>
      'physical_network' in provider ? named([...path, 'provider'], provider.physical_network) : [],
    ),
    ...(tunnel && wire !== undefined ? named(tunnel.path, wire) : []),
  ];
}

/** Two networks are two only if the wire tells them apart, or the tunnel, and br-int too. */
export function checkSegments({ networks }: Sections): Problem[] {
  return [
    ...duplicates(
      'an untagged network on',
      networks.flatMap(({ path, value: { provider } }) =>
        provider.network_type === 'flat'
          ? [{ key: provider.physical_network, path: [...path, 'provider', 'physical_network'] }]
          : [],
      ),
    ),
    ...duplicates('the segment', networks.flatMap(segment)),
    ...duplicates(
      'the local VLAN',
      networks.flatMap(({ path, value }) =>
        value.local_vlan === undefined
          ? []
          : [{ key: String(value.local_vlan), path: [...path, 'local_vlan'] }],
      ),
    ),
  ];
}

function segment({ path, value: { provider } }: Item<NetworkEntry>): { key: string; path: Path }[] {
  if (!('segmentation_id' in provider)) return [];
  const where = provider.network_type === 'vlan' ? provider.physical_network : provider.network_type;
  return [{ key: `${provider.segmentation_id} on ${where}`, path: [...path, 'provider', 'segmentation_id'] }];
}

/** A tunnelled network needs a tunnel. */
export function checkTunnels({ networks, tunnel }: Sections): Problem[] {
  if (!tunnel || tunnel.value) return [];
  return networks.flatMap(({ path, value: { provider } }) =>
    provider.network_type === 'gre' || provider.network_type === 'vxlan'
      ? [
          problem(
            [...path, 'provider', 'network_type'],
            `found a ${provider.network_type} network, but no tunnel for its frames to leave by; add tunnel: {}`,
          ),
        ]
      : [],
  );
}
