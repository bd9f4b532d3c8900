import { isDeepStrictEqual } from 'node:util';
import { chooseAccelerator } from '../libvirt/accelerator.ts';
import type { Progress } from '../report/progress.ts';
import type { Topology } from '../topology/schema.ts';
import { down } from './down.ts';
import { interruptible } from './interruption.ts';
import { type Lab, labNames, readRecord } from './record.ts';
import { runningLab } from './running.ts';
import { up } from './up.ts';

/**
 * Does something in a lab of a topology: in one that is up, or else in one that is built for it and ended afterwards,
 * however that ends.
 */
export async function withLab<T>(
  wanted: { readonly name: string; readonly file: string; readonly topology: Topology },
  progress: Progress,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const found = labNames().flatMap((name) => runningLabOf(name, wanted.topology) ?? [])[0];
  if (found) {
    progress.note(`lab ${found.name} is up, and used as it is`);
    return work(found);
  }
  const name = `explain-${wanted.name}-${process.pid}`;
  const end = async () => {
    await down(name, progress);
  };
  return interruptible(async () => {
    const { lab } = await up({
      name,
      topology: wanted.topology,
      topologyFile: wanted.file,
      accelerator: await chooseAccelerator(progress),
      replace: true,
      owned: true,
      progress,
    });
    try {
      return await work(lab);
    } finally {
      await end();
    }
  }, end);
}

function runningLabOf(name: string, topology: Topology): Lab | undefined {
  const record = readRecord(name);
  const lab = record && runningLab(record);
  // What is on record has been through JSON.
  return lab && isDeepStrictEqual(lab.topology, JSON.parse(JSON.stringify(topology))) ? lab : undefined;
}
