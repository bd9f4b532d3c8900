import { hostIsAlive } from '../linux/host.ts';
import { labFolder } from './home.ts';
import type { Lab, LabRecord } from './record.ts';

/** A lab as its record tells it, when it is ready and both its hosts run. */
export function runningLab({ name, topology, wiring, hosts }: LabRecord): Lab | undefined {
  if (!hosts || !hostIsAlive(hosts.devstack) || !hostIsAlive(hosts.rack)) return undefined;
  const { devstack, rack } = hosts;
  return { name, folder: labFolder(name), topology, ...(wiring ? { wiring } : {}), devstack, rack };
}
