import { fileServerDaemon } from '../../lab/daemons.ts';
import type { Node } from '../node.ts';
import type { Timers } from './settings.ts';

/**
 * Why a node has been waited for too long; undefined when it has not.
 *
 * @param isServed whether the HTTP server runs that nodes boot from
 */
export function silenceOf(
  node: Node,
  { callbackTimeoutMs, heartbeatTimeoutMs }: Pick<Timers, 'callbackTimeoutMs' | 'heartbeatTimeoutMs'>,
  isServed: boolean,
): string | undefined {
  const since = (time: string | null | undefined) => (time ? Date.now() - Date.parse(time) : 0);
  const { phases = [], agent_last_heartbeat } = node.driver_internal_info;
  const last = phases.at(-1);
  const seen = last
    ? `last seen: ${last.name}${last.detail ? ` (${last.detail})` : ''}`
    : 'nothing was seen of it';
  if (node.provision_state === 'wait call-back' && since(node.provision_updated_at) > callbackTimeoutMs) {
    const { name, host } = fileServerDaemon;
    const unserved = isServed ? '' : `; ${name} in ${host}, which serves kernels and ramdisks, does not run`;
    return `its ramdisk did not call back within ${callbackTimeoutMs / 1000} s; ${seen}${neverSeen(node)}${unserved}`;
  }
  if (node.provision_state === 'deploying' && since(agent_last_heartbeat) > heartbeatTimeoutMs) {
    return `its agent has sent no heartbeat for ${heartbeatTimeoutMs / 1000} s; ${seen}`;
  }
  return undefined;
}

/** The first step of a network boot that was not seen, which is where to look. */
function neverSeen(node: Node): string {
  const phases = (node.driver_internal_info.phases ?? []).map(({ name }) => name);
  const missing = (
    [
      [
        'DISCOVER',
        `no DHCP request of ${node.mac} came to dnsmasq: the network did not let it through, or the node does not boot from it`,
      ],
      ['lease', 'dnsmasq gave it no address'],
      ['bootloader', 'it asked for no boot script'],
      ['kernel', 'it fetched no kernel'],
      ['ramdisk', 'it fetched no ramdisk'],
    ] as const
  ).find(([name]) => !phases.includes(name));
  return missing ? `; ${missing[1]}` : '';
}
