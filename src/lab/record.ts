import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { errnoOf, fileError, writeFileAtomic } from '../linux/files.ts';
import type { Host } from '../linux/host.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import type { Topology } from '../topology/schema.ts';
import { labFolder, labsFolder } from './home.ts';
import type { Wiring } from './wiring.ts';

/** The version of the record's form; another one is not read. */
const version = 2;

export const hostNames = ['devstack', 'rack'] as const;
export type HostName = (typeof hostNames)[number];

/** What is on disk of a lab. What it runs is found without it: see `endHosts`. */
export interface LabRecord {
  readonly version: typeof version;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The command that the lab is for, and without which nobody wants it. */
  readonly owner?: ProcessIdentity;
  readonly topologyFile: string;
  readonly topology: Topology;
  /** What of it is the machine's own network; default: nothing. */
  readonly wiring?: Wiring;
  /** null until everything in them is ready; a lab found so was left by a command that died. */
  readonly hosts: Readonly<Record<HostName, Host>> | null;
}

/** A lab that is up. */
export interface Lab {
  readonly name: string;
  readonly folder: string;
  readonly topology: Topology;
  readonly wiring?: Wiring;
  readonly devstack: Host;
  readonly rack: Host;
}

export function newRecord(
  about: Pick<LabRecord, 'name' | 'topology' | 'topologyFile' | 'owner' | 'wiring'>,
): LabRecord {
  return { version, createdAt: new Date().toISOString(), hosts: null, ...about };
}

function recordFile(name: string): string {
  return join(labFolder(name), 'lab.json');
}

export function writeRecord(record: LabRecord): void {
  writeFileAtomic(recordFile(record.name), JSON.stringify(record, undefined, 1));
}

/**
 * The record of a lab; undefined when there is no such lab, or its making did not get that far.
 *
 * @throws LabError `lab-failed` for a record that this version cannot read
 */
export function readRecord(name: string): LabRecord | undefined {
  const file = recordFile(name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read ${file}`, error);
  }
  const record = parseRecord(text);
  if (record?.name === name) return record;
  throw new LabError('lab-failed', `${file} is not a lab's record of version ${version}`, {
    remedy: `lab down ${name}, which ends what runs of that lab and removes its folder`,
  });
}

function parseRecord(text: string): LabRecord | undefined {
  try {
    const record = JSON.parse(text) as LabRecord | null;
    return record?.version === version ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The names of all labs that have left something on disk. */
export function labNames(): string[] {
  try {
    return readdirSync(labsFolder(), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileError(`cannot read ${labsFolder()}`, error);
  }
}
