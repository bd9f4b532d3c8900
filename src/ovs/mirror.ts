import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { enter, type Host, runIn } from '../linux/host.ts';

/** A port on which everything that passes a bridge can be seen, until it is removed. */
export interface Mirror {
  readonly device: string;
  remove(): Promise<void>;
}

/**
 * Mirrors all of a bridge to a new port of it (ovs-vswitchd.conf.db(5), table Mirror). Frames appear on it once each,
 * with the VLAN that they have inside the bridge.
 *
 * The mirror is removed by a process in the host that waits for the end of its input, so that it goes however this
 * process ends.
 */
export async function mirrorBridge(host: Host, bridge: string): Promise<Mirror> {
  const device = `mirror-${randomBytes(4).toString('hex')}`;
  const removal = [
    `cat > /dev/null`,
    `exec ovs-vsctl -- --id=@m get mirror ${device} -- remove bridge ${bridge} mirrors @m -- del-port ${bridge} ${device}`,
  ].join('\n');
  await runIn(host, [
    'ovs-vsctl',
    ...['--', 'add-port', bridge, device],
    ...['--', 'set', 'interface', device, 'type=internal'],
    ...['--', '--id=@p', 'get', 'port', device],
    ...['--', '--id=@m', 'create', 'mirror', `name=${device}`, 'select_all=true', 'output_port=@p'],
    ...['--', 'add', 'bridge', bridge, 'mirrors', '@m'],
  ]);
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
