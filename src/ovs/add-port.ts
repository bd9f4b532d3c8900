import type { Host } from '../linux/host.ts';
import { createPort, named, type Port } from './bridges.ts';
import { type OvsdbOperation, type OvsdbValue, ovsdbSet } from './ovsdb.ts';
import { openOvsdb, reconfigure } from './vswitch.ts';

/** Puts a port into a bridge of a host's Open vSwitch and answers when it forwards. */
export async function addPort(host: Host, bridge: string, port: Port): Promise<void> {
  const ovsdb = await openOvsdb(host);
  try {
    await reconfigure(ovsdb, [...createPort(port), intoBridge(bridge, 'ports', named(`port ${port.name}`))]);
  } finally {
    ovsdb.close();
  }
}

/** The operation that adds a row to a column of a bridge that holds a set of rows. */
export function intoBridge(bridge: string, column: 'ports' | 'mirrors', row: OvsdbValue): OvsdbOperation {
  return {
    op: 'mutate',
    table: 'Bridge',
    where: [['name', '==', bridge]],
    mutations: [[column, 'insert', ovsdbSet([row])]],
  };
}
