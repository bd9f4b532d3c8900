import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Node } from '../../src/ironic/node.ts';
import { waitFor } from '../../src/wait.ts';
import { LabCommand } from '../lab-command.ts';
import { builtImages } from './images/built.ts';

const lab = new LabCommand();
/** A busy machine that emulates the nodes takes several times the twenty seconds of an idle one. */
const timeoutMs = 150_000;

beforeAll(async () => {
  const { os } = await builtImages();
  symlinkSync(join(os.folder, '..'), join(lab.home, 'images'));
  expect(await lab.run(['up', 'flat', '-q'])).toMatchObject({ exitCode: 0 });
}, timeoutMs);
afterAll(() => lab.end(), 60_000);

interface BootDocument {
  readonly provision_state: string;
  readonly phases: readonly { readonly name: string; readonly at: string }[];
}

const networkBoot = ['power on', 'DISCOVER', 'lease', 'bootloader', 'kernel', 'ramdisk'];

function boot(args: readonly string[]): Promise<BootDocument> {
  return lab.json<BootDocument>(['boot', ...args], { timeoutMs });
}

async function node(name: string): Promise<Node> {
  return (await lab.json<{ node: Node }>(['node', 'show', name])).node;
}

describe('lab boot', () => {
  it(
    'takes a VM to its login prompt by pxe_ssh',
    async () => {
      const { provision_state, phases } = await boot(['baremetalbrbm_0']);
      expect(provision_state).toBe('active');
      expect(phases.map(({ name }) => name)).toEqual([
        ...networkBoot,
        ...['iSCSI', 'image written', 'first boot', 'login prompt'],
      ]);
      const times = phases.map(({ at }) => at);
      expect(times).toEqual([...times].sort());
      expect((await lab.run(['undeploy', 'baremetalbrbm_0'])).exitCode).toBe(0);
      expect(await node('baremetalbrbm_0')).toMatchObject({
        provision_state: null,
        power_state: 'power off',
      });
    },
    timeoutMs,
  );

  it(
    'takes a physical server to its login prompt by agent_ipmitool, whose conductor is killed on the way',
    async () => {
      await lab.run(['node', 'set-provision-state', 'server-1', 'active', '--image', 'lab-os']);
      await waitFor(
        'the server to fetch its ramdisk',
        async () =>
          (await lab.run(['node', 'show', 'server-1'])).stdout.includes('"ramdisk"') ? true : undefined,
        { timeoutMs: 60_000 },
      );
      const kill = 'kill -9 $(pgrep -f "[d]ist/conductor.js")';
      const killed = await lab.run(['exec', 'devstack', '--', 'sh', '-c', kill]);
      expect(killed.exitCode).toBe(0);
      const active = await waitFor(
        'the server to be deployed',
        async () => {
          const now = await node('server-1');
          return now.provision_state === 'active' || now.last_error !== null ? now : undefined;
        },
        { timeoutMs: 90_000 },
      );
      expect(active).toMatchObject({ provision_state: 'active', last_error: null });
      expect(active.driver_internal_info.phases?.map(({ name }) => name)).toEqual([
        ...networkBoot,
        ...['agent', 'image written', 'power on', 'first boot'],
      ]);
    },
    timeoutMs,
  );

  it('reaches devstack at its own device alone: no other answers for its address', async () => {
    const ask = [
      'ns=$(ip netns | grep -o "^qdhcp-[^ ]*")',
      'tap=$(ip -n $ns -o link | grep -o "tap[^:@]*" | head -n 1)',
      'ip netns exec $ns busybox arping -c 1 -w 1 -I $tap 10.0.0.1',
    ].join('; ');
    const { stdout } = await lab.run(['exec', 'devstack', '--', 'sh', '-c', ask]);
    expect(stdout).toContain('Received 1 response(s)');
  });

  it('says in one sentence that a driver cannot reach a node', async () => {
    const { exitCode, stderr } = await lab.run(['boot', 'server-2', '--driver', 'pxe_ssh']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('driver pxe_ssh cannot reach node server-2, which is reached by its BMC');
  });

  it(
    'fails on a VLAN network, where no DHCP request of a physical server comes through, and says so',
    async () => {
      expect(await lab.run(['up', 'vlan', '-q'])).toMatchObject({ exitCode: 0 });
      const args = ['boot', 'server-1', '--name', 'vlan', '--callback-timeout', '3'];
      const { exitCode, stderr } = await lab.run(args, { timeoutMs });
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(
        /deployment of node server-1 failed: its ramdisk did not call back within 3 s; .*no DHCP request of 52:54:00:00:03:01 came to dnsmasq/,
      );
      const { node: after } = await lab.json<{ node: Node }>(['node', 'show', 'server-1', '--name', 'vlan']);
      expect(after).toMatchObject({ provision_state: 'deploy failed', power_state: 'power off' });
    },
    timeoutMs,
  );
});
