import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

let machine: Machine;
let before: Traces;

/** Things of the machine's own that have the names of a lab's: they must all be there afterwards, as they were. */
const ownThings = `
for file in /run/openvswitch/db.sock /run/libvirt/libvirt-sock /var/lib/libvirt/own /etc/libvirt/qemu.conf \\
  /etc/openvswitch/conf.db /var/log/openvswitch/own /dev/shm/own; do
  mkdir -p "$(dirname $file)"
  echo own > $file
done
for name in eth2 mgmt br-int tor; do ip link add $name type bridge; done
ip netns add stand-in-1
setsid bash -c 'exec -a ovs-vswitchd sleep infinity' < /dev/null > /dev/null 2>&1 &
setsid bash -c 'exec -a libvirtd sleep infinity' < /dev/null > /dev/null 2>&1 &
`;
const ownState =
  'find /run/openvswitch /run/libvirt /var/lib /etc/libvirt /etc/openvswitch /dev/shm -name own -o -name "*sock" | xargs md5sum; ip -o link; ip netns';
let ownBefore: string;

beforeAll(async () => {
  machine = await Machine.start();
  const changed = readFileSync('topologies/flat.yaml', 'utf8').replace('10.0.0.250', '10.0.0.240');
  await machine.sh('root', 'cat > /run/etc/flat.yaml', { input: changed });
  await machine.sh('root', ownThings);
  ownBefore = await machine.sh('root', ownState);
  before = traces(machine);
});
afterAll(async () => {
  try {
    expect(await machine.sh('root', ownState)).toBe(ownBefore);
  } finally {
    await machine.end();
  }
});
afterEach(async () => {
  await machine.lab('root', ['down', '--all']);
  await expectTraces(machine, before);
});

const lab = (...args: string[]) => machine.lab('root', args);

async function succeed(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await lab(...args);
  expect(exitCode, stderr).toBe(0);
  return { stdout, stderr };
}

test('up twice is one up', async () => {
  await succeed('up', 'flat');
  const record = () => readFileSync(machine.path('/tmp/root/.local/state/lab/labs/flat/lab.json'), 'utf8');
  const first = record();
  expect((await succeed('up', 'flat')).stderr).toBe('lab flat is up already\n');
  expect(JSON.parse((await succeed('up', 'flat', '--json')).stdout)).toMatchObject({ built: false });
  expect(record()).toBe(first);
});

test('with a changed topology up says what differs and does nothing, unless it is to replace', async () => {
  await succeed('up', 'flat');
  const file = '/run/etc/flat.yaml';
  const refused = await lab('up', file);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toBe(
    [
      'lab: lab flat is up with another topology:',
      '  networks[0].subnet.allocation_pools[0].end: "10.0.0.250" -> "10.0.0.240"',
      'try: add --replace to end it and build this one, or --name to build this one beside it',
      '',
    ].join('\n'),
  );
  expect((await succeed('up', 'flat')).stderr).toContain('up already');
  await succeed('up', file, '--replace');
  expect((await succeed('up', file)).stderr).toContain('up already');
});

test('labs of other names run side by side, of the same topology or of another', async () => {
  await Promise.all([
    succeed('up', 'flat'),
    succeed('up', 'flat', '--name', 'second'),
    succeed('up', 'vlan'),
  ]);
  const { labs } = JSON.parse((await succeed('list', '--json')).stdout);
  expect(labs).toMatchObject([
    { name: 'flat', state: 'up' },
    { name: 'second', state: 'up' },
    { name: 'vlan', state: 'up' },
  ]);
  const ambiguous = await lab('exec', 'rack', '--', 'true');
  expect(ambiguous.exitCode).toBe(2);
  expect(ambiguous.stderr).toContain('several labs are up: flat, second, vlan');
  const ask = ['busybox', 'udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true'];
  for (const name of ['flat', 'second']) {
    const { stderr } = await succeed('exec', '--name', name, 'rack/stand-in-1', '--', ...ask);
    expect(stderr).toContain('lease of 10.0.0.21 obtained');
  }
  await succeed('down', 'second');
  await succeed('exec', '--name', 'flat', 'rack', '--', 'true');
});

test('of two ups of one name at once, one builds and the other finds it up', async () => {
  const both = await Promise.all([
    succeed('up', 'flat', '--json', '--quiet'),
    succeed('up', 'flat', '--json', '--quiet'),
  ]);
  expect(both.map(({ stdout }) => JSON.parse(stdout).built).sort()).toEqual([false, true]);
});

test('a down waits for the up of the same lab, and then ends it', async () => {
  const up = machine.start('root', ['up', 'flat']);
  await up.said('hosts devstack');
  const { stderr } = await succeed('down', 'flat');
  expect(stderr).toContain('waiting for another command on lab flat');
  expect(stderr).toContain('lab flat ended');
  expect((await up.ended).exitCode).toBe(0);
});

test('list, exec and status do not wait while a lab is built', async () => {
  const up = machine.start('root', ['up', 'flat']);
  await up.said('hosts devstack');
  // Held there, so that it is not ready before all three have asked.
  up.signal('SIGSTOP');
  const { labs } = JSON.parse((await succeed('list', '--json')).stdout);
  expect(labs).toMatchObject([{ name: 'flat', state: 'busy' }]);
  for (const args of [['exec', 'devstack', '--', 'true'], ['status']]) {
    const { exitCode, stderr } = await lab(...args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('lab flat is not ready: it is being built');
  }
  up.signal('SIGCONT');
  await up.ended;
});

test.each([
  ['the supervisor of one host', "kill -9 $(pgrep -o '^unshare$')"],
  ['the first process of one host', "kill -9 $(pgrep -n '^tini$')"],
  ['both hosts', "kill -9 $(pgrep '^unshare$')"],
])('a lab that lost %s is built again by up', async (_what, kill) => {
  await succeed('up', 'flat');
  await machine.sh('root', kill);
  for (const args of [['exec', 'devstack', '--', 'true'], ['shell'], ['status']]) {
    const { exitCode, stderr } = await lab(...args);
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      'lab: lab flat does not run any more: its hosts have ended\n' +
        'try: lab up flat builds it again, lab down flat removes it\n',
    );
  }
  expect((await succeed('up', 'flat')).stderr).toContain('does not run: building it afresh');
  await succeed('exec', 'devstack', '--', 'ovs-vsctl', 'show');
});

test.each(['a/b', '..', '.hidden', '-x', '', 'a b', 'ü', 'x'.repeat(65), 'a\nb'])(
  'a lab cannot be called %j',
  async (name) => {
    const { exitCode, stderr } = await lab('up', 'flat', `--name=${name}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cannot be the name of a lab');
  },
);

test('a lab may have the longest name and a home far down', async () => {
  const env = { LAB_HOME: `/run/${'far/'.repeat(60)}away` };
  const name = ['--name', 'x'.repeat(64)];
  try {
    for (const args of [
      ['up', 'flat', ...name],
      ['exec', ...name, 'devstack', '--', 'virsh', 'start', 'baremetalbrbm_0'],
      ['down'],
    ]) {
      const { exitCode, stderr } = await machine.lab('root', args, { env });
      expect(exitCode, stderr).toBe(0);
    }
  } finally {
    await machine.sh('root', 'rm -r /run/far');
  }
});
