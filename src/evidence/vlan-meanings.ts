import type { Topology } from '../topology/schema.ts';
import type { VlanMeanings } from './rule-words.ts';

/** What the VLAN ids of a topology's networks mean. */
export function vlanMeanings({ networks }: Topology): VlanMeanings {
  return {
    local: new Set(networks.map(({ local_vlan }) => local_vlan)),
    segments: new Set(
      networks.flatMap(({ provider }) =>
        provider.network_type === 'vlan' ? [provider.segmentation_id] : [],
      ),
    ),
  };
}
