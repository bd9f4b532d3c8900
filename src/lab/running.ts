import { hostIsAlive } from '../linux/host.ts';
import { labFolder } from './home.ts';
import type { Lab, LabRecord } from './record.ts';

/** A lab as its record tells it, when it is ready and both its hosts run. */
export function runningLab(record: LabRecord): Lab | undefined {
  const { devstack, rack } = record.hosts;
  if (record.state !== 'ready' || !devstack || !rack) return undefined;
  if (!hostIsAlive(devstack) || !hostIsAlive(rack)) return undefined;
  const { name, topology } = record;
  return { name, folder: labFolder(name), topology, devstack, rack };
}
