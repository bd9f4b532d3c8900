import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

/** An up that fails leaves nothing, and says one sentence and what to do. */

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  await machine.lab('root', ['up', 'flat']);
  await machine.lab('root', ['down']);
  before = traces(machine);
});
afterAll(() => machine?.end());
afterEach(() => expectTraces(machine, before));

/** The words of an up that fails, its progress left out. */
async function failure(env: Readonly<Record<string, string>>, exitCode = 3): Promise<string> {
  const up = await machine.lab('root', ['up', 'flat', '--quiet'], { env });
  expect(up.exitCode, up.stderr).toBe(exitCode);
  expect(up.stdout).toBe('');
  expect(up.stderr).not.toContain('    at ');
  return up.stderr;
}

/** Does something while a program of the machine is a shell script. */
async function withFake(program: string, script: string, work: () => Promise<void>): Promise<void> {
  const input = `#!/bin/sh\n${script}\n`;
  await machine.sh(
    'root',
    `cat > /run/etc/fake; chmod +x /run/etc/fake; mount --bind /run/etc/fake ${program}`,
    {
      input,
    },
  );
  try {
    await work();
  } finally {
    await machine.sh('root', `umount ${program}; rm /run/etc/fake`);
  }
}

test.each([
  ['Open vSwitch', '/usr/sbin/ovs-vswitchd', 'echo "ovs-vswitchd: no memory" >&2; exit 1', 'no memory'],
  ['dnsmasq', '/usr/sbin/dnsmasq', 'echo "dnsmasq: Address already in use" >&2; exit 2', 'already in use'],
  ['libvirt', '/usr/sbin/libvirtd', 'exit 6', 'libvirtd'],
  ['the BMCs', '/usr/bin/virsh', 'exit 1', 'virsh'],
])('%s fails inside a host', async (_what, program, script, words) => {
  await withFake(program, script, async () => expect(await failure({})).toContain(words));
});

test('the making of a host fails', async () => {
  await withFake('/usr/bin/hostname', 'echo "hostname: you are not allowed" >&2; exit 1', async () => {
    const words = await failure({});
    expect(words).toMatch(/^lab: host (devstack|rack) could not be made: hostname: you are not allowed\n/);
    expect(words).toContain('try: lab doctor');
  });
});

test('the disk is full', async () => {
  for (const size of ['4k', '16k', '64k']) {
    await machine.sh('root', `mkdir /run/full; mount -t tmpfs -o size=${size} full /run/full`);
    try {
      const words = await failure({ LAB_HOME: '/run/full/lab' });
      expect(words).toMatch(/^lab: .*no space left on device\n/);
      expect(words).toContain('LAB_HOME');
    } finally {
      await machine.sh('root', 'umount /run/full; rmdir /run/full');
    }
  }
});

test('the home cannot be written to', async () => {
  await machine.sh('root', 'mkdir /run/ro; mount -t tmpfs -o ro readonly /run/ro');
  try {
    expect(await failure({ LAB_HOME: '/run/ro/lab' })).toMatch(/^lab: cannot .*read-only file system\ntry: /);
  } finally {
    await machine.sh('root', 'umount /run/ro; rmdir /run/ro');
  }
  expect(await failure({ LAB_HOME: '/dev/null/lab' })).toMatch(/^lab: cannot .*not a directory\ntry: /);
  const words = await machine.lab('alice', ['up', 'flat'], { env: { LAB_HOME: '/tmp/bob/lab' } });
  expect(words.exitCode).toBe(3);
  expect(words.stderr).toMatch(/^lab: cannot .*permission denied\ntry: /);
});
