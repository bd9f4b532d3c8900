import type { Host } from '../linux/host.ts';
import { createPort, named, type Port } from './bridges.ts';
import { type Ovsdb, type OvsdbOperation, type OvsdbValue, ovsdbSet } from './ovsdb.ts';
import { configured, openOvsdb } from './vswitch.ts';

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

/** Changes the configuration in one transaction and waits until ovs-vswitchd has carried it out. */
export async function reconfigure(ovsdb: Ovsdb, operations: readonly OvsdbOperation[]): Promise<void> {
  const results = await ovsdb.transact([
    ...operations,
    { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
    { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
  ]);
  await configured(ovsdb, Number(results[operations.length + 1]?.rows?.[0]?.next_cfg));
}
