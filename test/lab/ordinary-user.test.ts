import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  before = traces(machine);
});
afterAll(() => machine?.end());

const succeed = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await machine.lab('alice', args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
};

test('the whole life of a lab: up, looking inside, VMs, down', async () => {
  await succeed('up', 'flat');
  expect(await succeed('exec', 'devstack', '--', 'id', '-u')).toBe('0\n');
  expect(await succeed('exec', 'devstack', '--', 'ovs-vsctl', 'list-br')).toContain('br-int\n');
  for (const [host, vm] of [
    ['devstack', 'baremetalbrbm_0'],
    ['rack', 'server-1'],
  ] as const) {
    await succeed('exec', host, '--', 'virsh', 'start', vm);
    expect(await succeed('exec', host, '--', 'virsh', 'domstate', vm)).toBe('running\n\n');
  }
  await succeed('status');
  await succeed('down');
  await expectTraces(machine, before);
});

test('a physical server gets its lease on flat and none on vlan, as for root', async () => {
  const run = JSON.parse(await succeed('scenario', 'dhcp-from-physical', '--json'));
  expect(run).toMatchObject({ verdict: 'pass', runs: [{ topology: 'flat' }, { topology: 'vlan' }] });
  await expectTraces(machine, before);
});

test('files that programs of a lab gave to other users of theirs are removed with it', async () => {
  await succeed('up', 'flat');
  const script = 'mkdir -m 0700 /run/lab/theirs; touch /run/lab/theirs/file; chown -R nobody /run/lab/theirs';
  await succeed('exec', 'devstack', '--', 'sh', '-ec', script);
  await succeed('down');
  await expectTraces(machine, before);
});

test('the kill of a lab by its own user is repaired by the next up', async () => {
  await succeed('up', 'flat');
  await machine.sh('alice', 'kill -9 $(pgrep -u alice unshare)');
  const exec = await machine.lab('alice', ['exec', 'devstack', '--', 'true']);
  expect(exec.exitCode).toBe(3);
  expect(exec.stderr).toContain('does not run any more');
  expect(exec.stderr).toContain('lab up flat');
  await succeed('up', 'flat');
  await succeed('down');
  await expectTraces(machine, before);
});

/** A command that is refused before anything is made. */
async function refused(user: 'alice' | 'bob'): Promise<string> {
  for (const args of [
    ['up', 'flat'],
    ['scenario', 'dhcp-from-physical'],
  ]) {
    const { exitCode, stdout, stderr } = await machine.lab(user, args);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 4, stdout: '' });
  }
  const { stderr } = await machine.lab(user, ['up', 'flat']);
  await expectTraces(machine, before);
  return stderr;
}

test('a user without subordinate ids is told what to add', async () => {
  expect(await refused('bob')).toBe(
    [
      'lab: user bob has fewer than 65536 subordinate ids in /etc/subuid and /etc/subgid, which hosts without root are made of',
      'try: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 bob',
      '',
    ].join('\n'),
  );
});

test('a user to whom /dev/net/tun is closed is told so', async () => {
  await machine.sh('root', 'chmod 0600 /dev/net/tun');
  onTestFinished(async () => void (await machine.sh('root', 'chmod 0666 /dev/net/tun')));
  expect(await refused('alice')).toBe(
    [
      'lab: /dev/net/tun, by which bridges get their ports, is not open to user alice',
      'try: sudo chmod 0666 /dev/net/tun',
      '',
    ].join('\n'),
  );
});

test("a lab that is another user's is left alone, and whose it is is said", async () => {
  const env = { XDG_STATE_HOME: '/tmp/alice' };
  await machine.lab('root', ['up', 'flat'], { env });
  onTestFinished(async () => void (await machine.lab('root', ['down'], { env })));
  await machine.sh('root', 'chmod -R a+rwX /tmp/alice/lab');
  const { exitCode, stderr } = await machine.lab('alice', ['down'], { env });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("another user's");
  const exec = await machine.lab('root', ['exec', 'devstack', '--', 'true'], { env });
  expect(exec.exitCode, exec.stderr).toBe(0);
});
