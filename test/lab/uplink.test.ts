import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../src/wait.ts';
import { Machine } from '../machine.ts';

/*
 * The machine is a namespace of the test's own, and its NICs are veths whose other ends are in another one, `outside`.
 */

const topology = `
networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
servers:
  - { name: real, kind: external, mac: "52:54:00:00:03:01", ip: 10.0.0.21 }
  - { name: neighbour, kind: namespace }
`;

/** nic1 is as a DHCP client leaves it, with a route of its own; the default route is nic0's. */
const network = `
ip netns add outside
for n in 0 1 2; do
  ip link add nic$n type veth peer name nic$n netns outside
  ip -n outside link set nic$n up
  ip link set nic$n up
done
ip address add 10.8.0.5/24 dev nic0
ip route add default via 10.8.0.1
ip link set nic1 mtu 1400
ip address add 10.9.0.5/24 brd + dev nic1
ip address add fd00:9::5/64 dev nic1 nodad
ip route add 10.77.0.0/16 via 10.9.0.1 metric 50
ip -6 route add fd00:77::/48 via fd00:9::1
ip link add br0 type bridge
ip link add port0 type veth peer name port0 netns outside
ip link set port0 master br0
ip link add under type veth peer name under netns outside
ip link add link under name above type macvlan
`;

let machine: Machine;
let before: string;
const file = '/tmp/root/real.yaml';

/** All that a NIC has: its line of `ip link`, addresses and routes. */
const nic1 = () =>
  machine.sh(
    'root',
    'ip -o link show nic1 | sed "s/^[0-9]*: //; s/ qlen.*//; s/@[^:]*//"; ip -o address show nic1 | sed "s/^[0-9]*: //"; ip route show dev nic1; ip -6 route show dev nic1',
  );
/** Whether the machine itself has a device of that name. */
const has = (device: string) => existsSync(machine.path(`/sys/class/net/${device}`));
const lab = (...args: string[]) => machine.lab('root', args);
const up = (...args: string[]) => lab('up', file, ...args);

beforeAll(async () => {
  machine = await Machine.start();
  await machine.sh('root', network);
  writeFileSync(machine.path(file), topology);
  before = await nic1();
});
afterEach(() => lab('down', '--all', '--quiet'));
afterAll(() => machine?.end());

describe('a NIC is refused', () => {
  test.each([
    ['there is none', 'nic7', 'this machine has no NIC nic7: it has nic0, nic1, nic2'],
    ['the loopback', 'lo', 'lo is the loopback'],
    ['the default route', 'nic0', 'default route goes through nic0 (--i-know'],
    ['a port of a bridge', 'port0', 'port0 is a port of br0, which would lose it'],
    ['a bridge', 'br0', 'br0 is a bridge'],
    ['one that another is made of', 'under', 'above is made of under, and would go with it for good'],
  ])('%s', async (_, nic, sentence) => {
    const { exitCode, stderr } = await up('--uplink', nic);
    expect(stderr).toContain(sentence);
    expect(exitCode).toBe(2);
  });

  test.each([
    ['by its address', '10.200.0.9 4000 10.9.0.5 22'],
    ['by the way to its other end', '10.77.3.4 4000 192.0.2.1 22'],
  ])('the SSH session: %s', async (_, connection) => {
    const env = { SSH_CONNECTION: connection };
    const { exitCode, stderr } = await machine.lab('root', ['up', file, '--uplink', 'nic1'], { env });
    expect(stderr).toContain('this SSH session comes in by nic1, and would end (--i-know');
    expect(exitCode).toBe(2);
  });

  test('one for both, and to a user that is not root', async () => {
    expect((await up('--uplink', 'nic1', '--bmc-via', 'nic1')).stderr).toContain('at once');
    await machine.sh('root', `cp ${file} /tmp/alice/`);
    const { exitCode, stderr } = await machine.lab('alice', [
      'up',
      '/tmp/alice/real.yaml',
      '--uplink',
      'nic1',
    ]);
    expect(stderr).toContain('only root can give the NIC nic1 to a lab');
    expect(exitCode).toBe(2);
  });
});

test('a NIC is the wire while the lab is up, and back with all that it had afterwards', async () => {
  const { exitCode, stderr } = await up('--uplink', 'nic1', '--bmc-via', 'nic2');
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('becomes eth2 of lab real');
  expect(stderr).toContain('switch tor in the rack has no uplink: neighbour on it');
  expect(await machine.sh('root', 'ls /sys/class/net')).not.toContain('nic1');
  const devices = (await lab('exec', 'devstack', '--', 'ip', '-br', 'address')).stdout;
  expect(devices).toMatch(/^eth2@\S+ +UP/m);
  expect(devices).toMatch(/^mgmt@\S+ +UP +192\.168\.24\.1\/24/m);
  const status = (await lab('status')).stdout;
  expect(status).toContain("its wire is this machine's NIC nic1");
  expect(status).toMatch(/^real +real server +- +52:54:00:00:03:01 +10\.0\.0\.21 +- +outside +-$/m);

  // On the real wire there is the lab's dnsmasq.
  const script =
    'printf "#!/bin/sh\\necho got \\$ip\\n" > /tmp/udhcpc; chmod +x /tmp/udhcpc; ip netns exec outside sh -c "ip link set nic1 address 52:54:00:00:03:01; busybox udhcpc -i nic1 -n -q -f -t 8 -T 1 -s /tmp/udhcpc"';
  expect(await machine.sh('root', script)).toContain('got 10.0.0.21');

  expect((await up('--name', 'other', '--uplink', 'nic1')).stderr).toContain('lab real has the NIC nic1');
  expect((await up('--uplink', 'nic1')).stderr).toContain('bmcVia');
  expect((await up('--uplink', 'nic1', '--bmc-via', 'nic2')).stderr).toContain('is up already');
  const down = await lab('down');
  expect(down.stderr).toContain('NIC nic1 is back on this machine');
  expect(await nic1()).toBe(before);
});

test('BMCs behind a router on the wire are reached by way of it', async () => {
  expect((await up('--uplink', 'nic1', '--bmc-via', '10.5.0.1')).stderr).toContain(
    'devstack has 10.0.0.1/24',
  );
  const { exitCode, stderr } = await up('--uplink', 'nic1', '--bmc-via', '10.0.0.254');
  expect(exitCode, stderr).toBe(0);
  expect((await lab('exec', 'devstack', '--', 'ip', 'route')).stdout).toContain(
    '192.168.24.0/24 via 10.0.0.254 dev br-eth2',
  );
});

test.each([['list'], ['down', '--all']])(
  'an up that is killed while it has a NIC, and a down that is killed when it is on its way back: then lab %s',
  async (...next) => {
    const building = machine.start('root', ['up', file, '--uplink', 'nic1']);
    await waitFor('nic1 to go', () => (has('nic1') ? undefined : true), { timeoutMs: 20_000 });
    building.signal('SIGKILL');
    await building.ended;
    expect((await lab(...next)).stderr).toContain('NIC nic1 is back on this machine');
    expect(await nic1()).toBe(before);

    expect((await up('--uplink', 'nic1')).exitCode).toBe(0);
    const ending = machine.start('root', ['down']);
    await waitFor('nic1 to come', () => (has('nic1') ? true : undefined), { timeoutMs: 20_000 });
    ending.signal('SIGKILL');
    await ending.ended;
    expect((await lab(...next)).exitCode).toBe(0);
    expect(await nic1()).toBe(before);
  },
);

test('a NIC that the kernel gave back, when the hosts of a lab were killed, gets back what it had', async () => {
  expect((await up('--uplink', 'nic1')).exitCode).toBe(0);
  // What default_device_exit_net() does with hardware; a veth would be destroyed.
  await machine.sh(
    'root',
    `hosts=$(grep -lz "^LAB_HOST=.*/labs/real/" /proc/[0-9]*/environ | cut -d/ -f3)
     devstack=$(grep -o '"pid": [0-9]*' /tmp/root/.local/state/lab/labs/real/nics.json | tail -1 | grep -o '[0-9]*')
     nsenter --target "$devstack" --net -- ip link set eth2 netns $$ name dev0
     # Each ends others of them.
     kill -9 $hosts 2> /dev/null || true`,
  );
  const list = await lab('list');
  expect(list.stderr).toContain('NIC nic1 is back on this machine: lab real does not run');
  expect(await nic1()).toBe(before);
});
