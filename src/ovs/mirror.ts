import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { enter, type Host, runIn } from '../linux/host.ts';
import { intoBridge, reconfigure } from './add-port.ts';
import { createPort, named, uuidName } from './bridges.ts';
import { membersOf, ovsdbSet } from './ovsdb.ts';
import { openOvsdb } from './vswitch.ts';

/** A port on which what passes a bridge can be seen, until it is removed. */
export interface Mirror {
  readonly device: string;
  remove(): Promise<void>;
}

/**
 * Mirrors a bridge to a new port of it (ovs-vswitchd.conf.db(5), table Mirror). Frames appear on it once each, with the
 * VLAN that they have inside the bridge.
 *
 * The mirror is removed by a process in the host that waits for the end of its input, so that it goes however this
 * process ends.
 *
 * @param translating the ports whose frames the bridge's rules give another VLAN: they are mirrored when they go out,
 *   for when they come in they are not yet inside. One that the rules drop does not appear
 */
export async function mirrorBridge(
  host: Host,
  bridge: string,
  translating: readonly string[],
): Promise<Mirror> {
  const device = `mirror-${randomBytes(4).toString('hex')}`;
  const removal = [
    `cat > /dev/null`,
    `exec ovs-vsctl -- --id=@m get mirror ${device} -- remove bridge ${bridge} mirrors @m -- del-port ${bridge} ${device}`,
  ].join('\n');
  await addMirror(host, bridge, device, translating);
  const [program = 'sh', ...args] = [...enter(host), 'sh', '-c', removal];
  // Not of this process's group: Ctrl-C must not end what cleans up after it.
  const guard = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = once(guard, 'exit');
  const remove = async () => {
    guard.stdin.end();
    await ended;
  };
  try {
    await runIn(host, ['ip', 'link', 'set', device, 'up']);
  } catch (error) {
    await remove();
    throw error;
  }
  return { device, remove };
}

async function addMirror(
  host: Host,
  bridge: string,
  device: string,
  translating: readonly string[],
): Promise<void> {
  const ovsdb = await openOvsdb(host);
  try {
    const [bridges, ports] = await ovsdb.transact([
      { op: 'select', table: 'Bridge', where: [['name', '==', bridge]], columns: ['ports'] },
      { op: 'select', table: 'Port', where: [], columns: ['_uuid', 'name'] },
    ]);
    const all = membersOf(bridges?.rows?.[0]?.ports);
    const late = ports?.rows?.flatMap(({ _uuid, name }) =>
      translating.includes(String(name)) ? [_uuid] : [],
    );
    const onEntry = all.filter((port) => !late?.some((uuid) => isDeepStrictEqual(uuid, port)));
    await reconfigure(ovsdb, [
      ...createPort({ name: device, type: 'internal' }),
      {
        op: 'insert',
        table: 'Mirror',
        'uuid-name': uuidName(`mirror ${device}`),
        row: {
          name: device,
          select_src_port: ovsdbSet(onEntry),
          select_dst_port: ovsdbSet(all),
          output_port: named(`port ${device}`),
        },
      },
      intoBridge(bridge, 'ports', named(`port ${device}`)),
      intoBridge(bridge, 'mirrors', named(`mirror ${device}`)),
    ]);
  } finally {
    ovsdb.close();
  }
}
