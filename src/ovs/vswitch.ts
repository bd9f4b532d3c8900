import { LabError } from '../errors.ts';
import { endByPidFile } from '../linux/end-by-pid-file.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { shellQuote } from '../linux/shell-quote.ts';
import { type Bridge, createBridges } from './bridges.ts';
import { Ovsdb, type OvsdbOperation } from './ovsdb.ts';

const socketPath = '/run/openvswitch/db.sock';
const startCommand = ['ovs-vswitchd', '--pidfile', '--detach', '--no-chdir', '-vconsole:off', '--log-file'];
const schema = '/usr/share/openvswitch/vswitch.ovsschema';

/** Connects to the database of the Open vSwitch that runs in a host. */
export function openOvsdb(host: Host): Promise<Ovsdb> {
  return Ovsdb.open(seenFromOutside(host, socketPath));
}

/** Starts an empty database server in a host and answers a connection to it. */
export async function startDatabase(host: Host): Promise<Ovsdb> {
  const script = [
    `ovsdb-tool create /etc/openvswitch/conf.db ${shellQuote(schema)}`,
    `exec ovsdb-server /etc/openvswitch/conf.db --remote=punix:${socketPath} --pidfile --detach --no-chdir -vconsole:off --log-file`,
  ];
  await runIn(host, ['sh', '-ec', script.join('\n')]);
  return openOvsdb(host);
}

/**
 * Starts ovs-vswitchd on a database that holds its bridges already, and answers when they are in place.
 *
 * @param place.namespace the network namespace of the host that its ports are in
 * @throws LabError `lab-failed` with OVS's own words for an interface that it could not open
 */
export async function startSwitch(
  host: Host,
  ovsdb: Ovsdb,
  bridges: readonly Bridge[],
  place: { readonly namespace?: string } = {},
): Promise<void> {
  await Promise.all([ovsdb.transact(createBridges(bridges)), runIn(host, startCommand, place)]);
  await configured(ovsdb, 1);
  const [result] = await ovsdb.transact([
    { op: 'select', table: 'Interface', where: [['error', '!=', ['set', []]]], columns: ['name', 'error'] },
  ]);
  const broken = result?.rows?.[0];
  if (broken) throw new LabError('lab-failed', `Open vSwitch: ${broken.name}: ${broken.error}`);
}

/** Kills ovs-vswitchd. The devices of its internal ports stay, with nobody at their other end. */
export async function endSwitch(host: Host): Promise<void> {
  await endByPidFile(host, '/run/openvswitch/ovs-vswitchd.pid', 'KILL');
}

/** Starts ovs-vswitchd on the database that is there, and answers when every bridge and port is in place again. */
export async function restartSwitch(host: Host): Promise<void> {
  await runIn(host, startCommand);
  const ovsdb = await openOvsdb(host);
  try {
    await reconfigure(ovsdb, []);
  } finally {
    ovsdb.close();
  }
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

/** Waits until ovs-vswitchd has carried out the configuration of that number. */
export async function configured(ovsdb: Ovsdb, cfg: number): Promise<void> {
  const timeoutMs = 20_000;
  let seen = -1;
  let cancel: (() => Promise<void>) | undefined;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new LabError(
            'lab-failed',
            `waited ${timeoutMs} ms for ovs-vswitchd's configuration ${cfg}; it is at ${seen}`,
          ),
        ),
      timeoutMs,
    );
    void ovsdb.closed.then(() => {
      clearTimeout(timer);
      reject(new LabError('lab-failed', 'Open vSwitch ended while it was configured'));
    });
    ovsdb
      .monitor('Open_vSwitch', ['cur_cfg'], (updates) => {
        for (const row of Object.values(updates.Open_vSwitch ?? {})) seen = Number(row.new?.cur_cfg);
        if (seen < cfg) return;
        clearTimeout(timer);
        resolve();
      })
      .then((end) => {
        cancel = end;
      }, reject);
  });
  await cancel?.();
}
