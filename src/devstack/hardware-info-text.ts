import type { BmcCredentials } from '../lab/secrets.ts';
import { table } from '../report/table.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';

/** A server as hardware_info names it. */
export interface HardwareServer {
  readonly name: string;
  readonly bmcIp: string;
  readonly mac: string;
  readonly username: string;
  readonly password: string;
}

/** The servers of a topology that have a BMC. */
export function serversOf(topology: Topology, credentials: readonly BmcCredentials[]): HardwareServer[] {
  return serversWithBmc(topology).flatMap((server) => {
    const known = credentials.find((it) => it.server === server.name);
    if (!known) return [];
    const { name, mac, bmc } = server;
    return [{ name, bmcIp: bmc.ip, mac, username: known.username, password: known.password }];
  });
}

/** DevStack's hardware_info: a server a line. */
export function hardwareInfoText(lab: string, servers: readonly HardwareServer[]): string {
  const lines = servers.map(({ bmcIp, mac, username, password }) => [bmcIp, mac, username, password]);
  return `# The servers of lab ${lab}: BMC_IP MAC USER PASSWORD\n${table(lines).join('\n')}\n`;
}
