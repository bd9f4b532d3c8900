import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileServerDaemon, runningPid } from '../../lab/daemons.ts';
import type { Lab } from '../../lab/record.ts';
import { imagesInHost, startProgram } from '../../lab/software.ts';
import { seenFromOutside } from '../../linux/host.ts';
import { serviceAddresses } from '../../neutron/service-address.ts';
import { tftpRoot } from '../pxe/tree.ts';
import { servicePorts } from '../service-ports.ts';
import { accessLog, type FileServerSettings } from './settings.ts';

const settingsFile = '/run/file-server.json';

/**
 * Sees to it that the HTTP server of a lab runs from which nodes boot. It is a program of its own: a node that boots
 * over the network while there is no conductor finds its files.
 */
export async function ensureFileServer(lab: Lab): Promise<void> {
  if (runningPid(lab.devstack, fileServerDaemon) !== null) return;
  const inHost = (path: string) => seenFromOutside(lab.devstack, path);
  const { pidFile } = fileServerDaemon;
  // Since when nodes are served is told by this file's age.
  rmSync(inHost(pidFile), { force: true });
  const settings: FileServerSettings = {
    addresses: serviceAddresses(lab.topology).map(({ ip }) => ip),
    port: servicePorts.http,
    folders: { '/images/': imagesInHost, '/': tftpRoot },
    accessLog,
    pidFile,
  };
  writeFileSync(inHost(settingsFile), JSON.stringify(settings), { mode: 0o600 });
  appendFileSync(inHost(accessLog), '');
  await startProgram(lab.devstack, 'file-server', [settingsFile]);
}
