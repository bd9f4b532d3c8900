import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { writeFileAtomic } from '../linux/files.ts';
import type { Host } from '../linux/host.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import type { Topology } from '../topology/schema.ts';
import { labFolder, labsFolder } from './home.ts';

/** The version of the record's form; another one is not read. */
const version = 1;

export const hostNames = ['devstack', 'rack'] as const;
export type HostName = (typeof hostNames)[number];

/** What is on disk of a lab: enough to find everything it runs, however its making ended. */
export interface LabRecord {
  readonly version: typeof version;
  readonly name: string;
  /** `building` until everything is ready; a lab found so was left by a command that died. */
  readonly state: 'building' | 'ready';
  /** ISO 8601. */
  readonly createdAt: string;
  /** The command that the lab is for, and without which nobody wants it. */
  readonly owner?: ProcessIdentity;
  readonly topologyFile: string;
  readonly topology: Topology;
  /** The first process of each host, on record before the host exists. */
  readonly supervisors: Readonly<Partial<Record<HostName, ProcessIdentity>>>;
  readonly hosts: Readonly<Partial<Record<HostName, Host>>>;
}

/** A lab that is up. */
export interface Lab {
  readonly name: string;
  readonly folder: string;
  readonly topology: Topology;
  readonly devstack: Host;
  readonly rack: Host;
}

export function newRecord(
  name: string,
  topology: Topology,
  topologyFile: string,
  owner: ProcessIdentity | undefined,
): LabRecord {
  return {
    version,
    name,
    state: 'building',
    createdAt: new Date().toISOString(),
    ...(owner ? { owner } : {}),
    topologyFile,
    topology,
    supervisors: {},
    hosts: {},
  };
}

function recordFile(name: string): string {
  return join(labFolder(name), 'lab.json');
}

export function writeRecord(record: LabRecord): void {
  writeFileAtomic(recordFile(record.name), JSON.stringify(record, undefined, 1));
}

/**
 * The record of a lab; undefined when there is no such lab.
 *
 * @throws LabError `lab-failed` for a record that this version cannot read
 */
export function readRecord(name: string): LabRecord | undefined {
  const file = recordFile(name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const record = parseRecord(text);
  if (record) return record;
  throw new LabError('lab-failed', `${file} is not a lab's record of version ${version}`, {
    remedy: `end the lab with the version of lab that made it, or \`lab down ${name}\`, which removes its folder`,
  });
}

function parseRecord(text: string): LabRecord | undefined {
  try {
    const record = JSON.parse(text) as LabRecord;
    return record.version === version ? record : undefined;
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
