import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host, hostIsAlive, runIn, seenFromOutside } from '../../src/linux/host.ts';
import { endHosts, processesOfHosts } from '../../src/linux/host-processes.ts';
import { isRunning } from '../../src/linux/process-identity.ts';
import { waitFor } from '../../src/wait.ts';

let folder: string;
let host: Host;

async function newHost(name: string): Promise<Host> {
  const own = join(folder, name);
  mkdirSync(own);
  return createHost({ name, folder: own });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  host = await newHost('first');
});
afterAll(async () => {
  await endHosts(folder);
  rmSync(folder, { recursive: true });
});

const sh = async (script: string, on = host) => (await runIn(on, ['sh', '-c', script])).stdout;

test('its first process reaps what loses its parent', async () => {
  await sh('(true & sleep 0.05 & exec true) & (sleep 0 & sleep 0.01 &) ; wait');
  await waitFor(
    'no process to be a zombie',
    async () => ((await sh('ps -eo stat=')).includes('Z') ? undefined : true),
    { timeoutMs: 5_000 },
  );
});

test('its end ends a tree of processes that have left their sessions and parents', async () => {
  const own = await newHost('tree');
  const daemon =
    'setsid sh -c "setsid sleep 1000 & (setsid sleep 1000 &) & exec sleep 1000" < /dev/null > /dev/null 2>&1';
  await sh(`${daemon} & ${daemon} & nohup ${daemon} & true`, own);
  const pids = () => sh('pgrep sleep | wc -l', own);
  await waitFor('the tree', async () => (Number(await pids()) === 10 ? true : undefined), {
    timeoutMs: 5_000,
  });
  const namespace = readdirSync(seenFromOutside(own, '/proc')).filter((name) => /^\d+$/.test(name));
  expect(namespace.length).toBeGreaterThan(10);
  await endHosts(own.folder);
  expect(hostIsAlive(own)).toBe(false);
  expect(isRunning(own.init)).toBe(false);
  expect(existsSync(seenFromOutside(own, '/'))).toBe(false);
});

test('the end of its first process ends it', async () => {
  const own = await newHost('ended');
  process.kill(own.init.pid, 'SIGKILL');
  await waitFor('the host to end', () => (hostIsAlive(own) ? undefined : true), { timeoutMs: 5_000 });
  expect(processesOfHosts(own.folder)).toEqual([]);
});

test('hosts are found by their folder, and one whose name begins alike is left alone', async () => {
  const [one, other] = await Promise.all([newHost('name'), newHost('name-longer')]);
  expect(processesOfHosts(one.folder).map(({ pid }) => pid)).toContain(one.init.pid);
  await endHosts(one.folder);
  expect(hostIsAlive(one)).toBe(false);
  expect(hostIsAlive(other)).toBe(true);
  await endHosts(other.folder);
});

test('it has a network of its own that leads nowhere', async () => {
  expect((await sh('ip -o link | cut -d" " -f2')).trim()).toBe('lo:');
  expect(await sh('ip route; ip -6 route show default')).toBe('');
  const words = ['busybox', 'ping', '-c', '1', '-W', '1', '192.0.2.1'];
  const ping = await runIn(host, words, { accept: [0, 1] });
  expect(ping).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Network is unreachable') });
});

test('its mounts do not show on the machine, nor those of the machine made later in it', async () => {
  await sh('mkdir /run/inside && mount -t tmpfs inside /run/inside');
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain('inside');
  expect(existsSync('/run/inside')).toBe(false);
  // A second host plays the machine: nothing is mounted on the real one.
  const machine = await newHost('machine');
  mkdirSync(join(folder, 'inner'));
  await sh('mount --make-rshared /', machine);
  const inner = ['unshare', '--mount', '--fork', 'sh', '-c', 'mount -t tmpfs x /mnt; cat /proc/self/mounts'];
  expect((await runIn(machine, inner)).stdout).toContain('x /mnt');
  expect(await sh('cat /proc/mounts', machine)).not.toContain('x /mnt');
  await endHosts(machine.folder);
});

test('what it writes where daemons write stays in it', async () => {
  const places = [
    ...['/tmp', '/var/tmp', '/run', '/var/log', '/dev/shm'],
    ...['/var/lib/libvirt', '/var/lib/openvswitch', '/etc/libvirt', '/etc/openvswitch'],
  ];
  for (const place of places) {
    await sh(`echo mine > ${place}/file-of-a-host`);
    expect(existsSync(`${place}/file-of-a-host`), place).toBe(false);
  }
  expect(await sh('ls -A /sys/fs/cgroup')).toBe('');
});

test('it has names, processes, users and System V memory of its own', async () => {
  expect(await sh('hostname')).toBe('first\n');
  expect(await sh('cat /proc/1/comm')).toBe('tini\n');
  await sh('ipcmk --shmem 4096');
  expect(readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n')).toHaveLength(1);
});

test('its folder is /run/lab inside, whatever its path holds', async () => {
  const own = join(folder, `a 'quoted' $name "with" spaces`);
  mkdirSync(own);
  const odd = await createHost({ name: 'odd', folder: own });
  writeFileSync(join(odd.folder, 'file'), 'from outside');
  expect(await sh('cat /run/lab/file', odd)).toBe('from outside');
  await endHosts(odd.folder);
});

test('the error of one that cannot be made holds what its set-up said', async () => {
  const own = join(folder, 'broken');
  mkdirSync(own);
  const binds = [['/nonexistent/folder', '/mnt']] as const;
  await expect(createHost({ name: 'broken', folder: own, binds })).rejects.toMatchObject({
    code: 'lab-failed',
    message: expect.stringMatching(/^host broken could not be made: .*\/nonexistent\/folder/),
    remedy: 'lab doctor',
  });
  expect(processesOfHosts(own)).toEqual([]);
});

test('a program that a host has not is missing on the machine, and the command is named otherwise', async () => {
  await expect(runIn(host, ['no-such-program'])).rejects.toMatchObject({
    code: 'machine-lacks',
    message: 'no-such-program is not installed',
  });
  await expect(sh('echo to be read >&2\nexit 3')).rejects.toMatchObject({
    code: 'lab-failed',
    message: '`sh -c exit 3` in first exited with 3: to be read',
  });
});
