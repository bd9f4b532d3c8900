import { isDeepStrictEqual } from 'node:util';
import { LabError } from '../errors.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { identify } from '../linux/process-identity.ts';
import { checkUserMayMakeHosts } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import type { Topology } from '../topology/schema.ts';
import { buildLab } from './build.ts';
import { differences } from './differences.ts';
import { endAbandoned, endLab } from './down.ts';
import { labFolder } from './home.ts';
import { interruptible } from './interruption.ts';
import { lockLab } from './lifecycle-lock.ts';
import { labPlan } from './plan.ts';
import { type Lab, type LabRecord, newRecord, readRecord, writeRecord } from './record.ts';
import { runningLab } from './running.ts';

export interface UpOptions {
  readonly name: string;
  readonly topology: Topology;
  /** The absolute path of the file it came from. */
  readonly topologyFile: string;
  readonly accelerator: Accelerator;
  /** Ends a lab of the same name with another topology first. */
  readonly replace: boolean;
  /** The lab is for this process alone: once it has ended, whoever comes next ends the lab. */
  readonly owned?: boolean;
  readonly progress: Progress;
}

/**
 * Builds a lab, or finds it built. A lab that a killed command left half-built is ended and built again.
 *
 * @returns the lab, and whether this call built it
 * @throws LabError `usage` when a lab of that name is up with another topology
 */
export async function up(options: UpOptions): Promise<{ readonly lab: Lab; readonly built: boolean }> {
  checkUserMayMakeHosts();
  const { name, progress } = options;
  await endAbandoned(progress);
  const lock = await lockLab(name, progress);
  try {
    const found = readRecord(name);
    if (found) {
      const running = runningLab(found);
      if (running && isDeepStrictEqual(running.topology, plainCopy(options.topology))) {
        return { lab: running, built: false };
      }
      if (running && !options.replace) throw differentTopology(name, running.topology, options.topology);
      if (!running) progress.note(`lab ${name} was left behind by a command that died: starting afresh`);
      await endLab(found);
    }
    return { lab: await build(options), built: true };
  } finally {
    lock.release();
  }
}

async function build(options: UpOptions): Promise<Lab> {
  const { name, topology, topologyFile, accelerator, progress } = options;
  let record = newRecord(name, topology, topologyFile, options.owned ? identify(process.pid) : undefined);
  const note = (change: Partial<LabRecord>) => {
    record = { ...record, ...change };
    writeRecord(record);
  };
  const folder = labFolder(name);
  makePrivateFolder(folder);
  const observer: Parameters<typeof buildLab>[2]['observer'] = {
    supervisor: (host, supervisor) => note({ supervisors: { ...record.supervisors, [host]: supervisor } }),
    hosts: (devstack, rack) => note({ hosts: { devstack, rack } }),
  };
  return interruptible(
    async () => {
      try {
        const lab = await buildLab({ name, folder, topology }, labPlan(topology), {
          accelerator,
          progress,
          observer,
        });
        note({ state: 'ready' });
        return lab;
      } catch (error) {
        await endLab(record);
        throw error;
      }
    },
    () => endLab(record),
  );
}

function differentTopology(name: string, running: Topology, wanted: Topology): LabError {
  const differing = differences(running, plainCopy(wanted)).map((line) => `  ${line}`);
  return new LabError('usage', `lab ${name} is up with another topology:\n${differing.join('\n')}`, {
    remedy: `add --replace to end it and build this one, or --name to build this one beside it`,
  });
}

/** What JSON keeps of a value, as the record on disk has been through it. */
function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
