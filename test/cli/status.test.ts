import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListedLab } from '../../src/lab/list.ts';
import type { LabStatus } from '../../src/lab/status.ts';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();

beforeAll(async () => {
  const { exitCode, stderr } = await lab.run(['up', 'flat']);
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => lab.end());

const status = () => lab.json<LabStatus>(['status']);

test('a lab is listed with its topology and since when it is up', async () => {
  const { labs } = await lab.json<{ labs: ListedLab[] }>(['list']);
  expect(labs).toMatchObject([{ name: 'flat', state: 'up', topology: { name: 'flat' } }]);
  expect(Date.parse(labs[0]?.since ?? '')).toBeLessThanOrEqual(Date.now());
});

test('a status tells networks, bridges with their VLANs, machines, and that all runs', async () => {
  const { hosts, networks, bridges, machines, problems } = await status();
  expect(problems).toEqual([]);
  expect(hosts.flatMap(({ daemons }) => daemons.filter(({ pid }) => pid === null))).toEqual([]);
  expect(networks).toMatchObject([
    { name: 'provider', provider: { network_type: 'flat' }, localVlan: 2, cidr: '10.0.0.0/24', leases: [] },
  ]);
  const tap = networks[0]?.dhcp.tap;
  expect(bridges.find(({ name }) => name === 'br-int')?.ports).toContainEqual({
    name: tap,
    type: 'internal',
    tag: 2,
    peer: null,
    error: null,
  });
  expect(bridges.find(({ name }) => name === 'tor')?.ports.map(({ name }) => name)).toContain('stand-in-1');
  expect(machines.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    'baremetalbrbm_0: shut off',
    'baremetalbrbm_1: shut off',
    'stand-in-1: ready',
    'stand-in-2: ready',
    'server-1: shut off',
    'server-2: shut off',
  ]);
});

test('a lease appears once a client has it', async () => {
  const client = ['busybox', 'udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true'];
  const { exitCode, stderr } = await lab.run(['exec', 'rack/stand-in-1', '--', ...client]);
  expect(exitCode, stderr).toBe(0);
  const { networks } = await status();
  expect(networks[0]?.leases).toMatchObject([{ mac: '52:54:00:00:02:01', ip: '10.0.0.21' }]);
});

test('a daemon that has died is named, with exit code 3', async () => {
  await lab.run(['exec', 'rack', '--', 'sh', '-c', 'kill -9 $(cat /run/virtlogd.pid)']);
  const { exitCode, stdout } = await lab.run(['status']);
  expect(exitCode).toBe(3);
  expect(stdout).toContain('virtlogd in rack does not run');
});

test('a lab whose host has ended is broken, and down removes it', async () => {
  const [devstack] = (await status()).hosts;
  if (!devstack) throw new Error('a lab has a host devstack');
  process.kill(devstack.pid, 'SIGKILL');
  const { labs } = await lab.json<{ labs: ListedLab[] }>(['list']);
  expect(labs).toMatchObject([{ name: 'flat', state: 'broken' }]);
  const down = await lab.run(['down']);
  expect(down.exitCode, down.stderr).toBe(0);
  expect(await lab.json(['list'])).toMatchObject({ labs: [] });
});
