import { messageOf } from '../errors.ts';
import { labIsLocked } from './lifecycle-lock.ts';
import { type LabRecord, labNames, readRecord } from './record.ts';
import { runningLab } from './running.ts';

/**
 * What a lab is doing: `up` and ready, `busy` being built or ended by a command, or `broken`: left behind by a
 * command that died, or with a host that has ended.
 */
export type LabState = 'up' | 'busy' | 'broken';

/** A lab in the list of all. */
export interface ListedLab {
  readonly name: string;
  readonly state: LabState;
  /** ISO 8601; null when its record cannot be read. */
  readonly since: string | null;
  readonly topology: { readonly name: string; readonly title: string; readonly file: string } | null;
  /** Why its record cannot be read. */
  readonly problem?: string;
}

/** Every lab that has left something on disk, sorted by name. */
export function listLabs(): Promise<ListedLab[]> {
  return Promise.all(labNames().map(listedLab));
}

async function listedLab(name: string): Promise<ListedLab> {
  let record: LabRecord | undefined;
  let problem: string | undefined;
  try {
    record = readRecord(name);
  } catch (error) {
    problem = messageOf(error);
  }
  const state = record && runningLab(record) ? 'up' : (await labIsLocked(name)) ? 'busy' : 'broken';
  const about = record && {
    name: record.topology.name,
    title: record.topology.title,
    file: record.topologyFile,
  };
  return {
    name,
    state,
    since: record?.createdAt ?? null,
    topology: about ?? null,
    ...(problem ? { problem } : {}),
  };
}
