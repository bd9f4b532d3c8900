import pc from 'picocolors';
import type { Node } from '../ironic/node.ts';
import { table } from './table.ts';

/** Nodes as `ironic node-list` shows them. */
export function nodeTable(nodes: readonly Node[]): string {
  return table([
    ['NAME', 'DRIVER', 'POWER', 'PROVISION STATE', 'LAST ERROR'],
    ...nodes.map((node) => [
      node.name,
      node.driver,
      String(node.power_state ?? 'None'),
      String(node.provision_state ?? 'available'),
      node.last_error ?? '',
    ]),
  ]).join('\n');
}

/** All of a node, a property a line. */
export function nodeDetails(node: Node): string {
  const rows = Object.entries(node).flatMap(([key, value]) => {
    if (value === null) return [[key, 'None']];
    if (typeof value !== 'object') return [[key, String(value)]];
    return Object.entries(value as Record<string, unknown>).map(([inner, it]) => [
      `${key}.${inner}`,
      typeof it === 'object' ? JSON.stringify(it) : String(it),
    ]);
  });
  const width = Math.max(...rows.map(([key = '']) => key.length));
  return rows.map(([key = '', value = '']) => `${pc.dim(key.padEnd(width))}  ${value}`).join('\n');
}
