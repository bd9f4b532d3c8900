import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../linux/files.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';

/** What a BMC lets in: made anew for each lab, or given by its user. */
export interface BmcCredentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

const file = (labFolder: string) => join(labFolder, 'secrets.json');

/**
 * Makes the credentials of a lab's BMCs and keeps them in a file that only its owner can read. Those that are given, or
 * known from before because the lab is built again, stay.
 */
export function makeSecrets(
  labFolder: string,
  topology: Topology,
  given: readonly BmcCredentials[],
): BmcCredentials[] {
  const known = [...given, ...readSecrets(labFolder)];
  const bmcs = serversWithBmc(topology).flatMap((server): BmcCredentials[] => {
    const { username } = server.bmc;
    const same = known.find((it) => it.server === server.name && it.username === username);
    // Nobody can make those of a BMC outside.
    if (!same && server.kind === 'external') return [];
    return [same ?? { server: server.name, username, password: randomBytes(12).toString('base64url') }];
  });
  writeFileAtomic(file(labFolder), JSON.stringify({ bmcs }));
  return bmcs;
}

/** The credentials of a lab's BMCs; none for a lab without servers that have one. */
export function readSecrets(labFolder: string): BmcCredentials[] {
  if (!existsSync(file(labFolder))) return [];
  return (JSON.parse(readFileSync(file(labFolder), 'utf8')) as { bmcs: BmcCredentials[] }).bmcs;
}
