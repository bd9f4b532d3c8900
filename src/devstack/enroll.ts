import { setDriver } from '../ironic/change-node.ts';
import type { Node } from '../ironic/node.ts';
import { openApi } from '../ironic/open.ts';
import type { Lab } from '../lab/record.ts';

/** Enrolls all machines of a lab with one driver and answers their names. */
export async function enrollWith(lab: Lab, driver: string): Promise<string[]> {
  const api = await openApi(lab);
  const { nodes } = await api.get<{ nodes: Node[] }>('/v1/nodes');
  for (const node of nodes) if (node.driver !== driver) await setDriver(api, node.name, driver);
  return nodes.map(({ name }) => name).sort();
}
