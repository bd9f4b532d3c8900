import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RackBmcs } from '../bmc/rack.ts';
import { makeFolder, makePrivateFolder } from '../linux/files.ts';
import { type Host, seenFromOutside } from '../linux/host.ts';
import { nodeId } from '../topology/ids.ts';
import type { Topology } from '../topology/schema.ts';
import { bmcsPidFile } from './daemons.ts';
import type { BmcCredentials } from './secrets.ts';
import { startProgram } from './software.ts';

/** The file in devstack that holds the password of a server's BMC, as `ipmitool -f` reads it. */
export function bmcPasswordFile(server: string): string {
  return `/run/ironic/bmc/${server}`;
}

/** In the rack: what the BMCs were asked in their sessions, and the folder of their faults. See RackBmcs. */
export const bmcTranscript = '/var/log/bmc-transcript.jsonl';
export const bmcFaults = '/run/bmc-faults';

/** Writes the passwords of BMCs, which the conductor's drivers read. */
export function writeBmcPasswords(devstack: Host, credentials: readonly BmcCredentials[]): void {
  for (const { server, password } of credentials) {
    const file = seenFromOutside(devstack, bmcPasswordFile(server));
    makePrivateFolder(dirname(file));
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
  }
}

/** Starts the BMCs of the rack's servers, each at its address on the management link. */
export async function startBmcs(
  rack: Host,
  topology: Topology,
  credentials: readonly BmcCredentials[],
): Promise<void> {
  const bmcs = topology.servers.flatMap((server) => {
    const known = credentials.find((it) => it.server === server.name);
    if (server.kind !== 'vm' || !known) return [];
    const state = `/run/lab/bmc/${server.name}.json`;
    return [
      {
        ...known,
        uuid: nodeId(topology.name, server.name),
        address: server.bmc.ip,
        state,
        machine: server.fru,
      },
    ];
  });
  makePrivateFolder(join(rack.folder, 'bmc'));
  makeFolder(seenFromOutside(rack, bmcFaults), 0o755);
  const settings: RackBmcs = {
    pidFile: bmcsPidFile,
    log: '/var/log/bmcs.log',
    transcript: bmcTranscript,
    faults: bmcFaults,
    bmcs,
  };
  writeFileSync(join(rack.folder, 'bmcs.json'), JSON.stringify(settings), { mode: 0o600 });
  await startProgram(rack, 'rack-bmcs', ['/run/lab/bmcs.json']);
}
