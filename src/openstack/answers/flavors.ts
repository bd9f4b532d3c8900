import type { Node } from '../../ironic/node.ts';
import type { CloudFlavor } from '../cloud.ts';

/** The flavor that DevStack makes for Ironic's nodes: what each of them has at least. */
export function flavorsOf(nodes: readonly Node[]): CloudFlavor[] {
  if (nodes.length === 0) return [];
  const least = (read: (properties: Node['properties']) => number) =>
    Math.min(...nodes.map(({ properties }) => read(properties)));
  return [
    {
      id: '551',
      name: 'baremetal',
      ram: least((it) => it.memory_mb),
      disk: least((it) => it.local_gb),
      vcpus: least((it) => it.cpus),
    },
  ];
}
