import type { Topology } from '../../topology/schema.ts';

/** How a tag is coloured: as what it means in this lab. The colour is never all that tells it. */
export function tagClass(vlan: number | null, { networks }: Topology): string {
  if (vlan === null) return 'untagged';
  if (networks.some(({ local_vlan }) => local_vlan === vlan)) return 'local';
  const isSegment = networks.some(
    ({ provider }) => 'segmentation_id' in provider && provider.segmentation_id === vlan,
  );
  return isSegment ? 'segment' : 'other';
}
