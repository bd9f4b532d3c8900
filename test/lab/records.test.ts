import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

const labs = '/tmp/root/.local/state/lab/labs';
let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  before = traces(machine);
});
afterEach(() => machine.lab('root', ['down', '--all']));
afterAll(() => machine?.end());

const recordFile = (name: string) => machine.path(`${labs}/${name}/lab.json`);

function leave(name: string, record: string): void {
  mkdirSync(machine.path(`${labs}/${name}`), { recursive: true });
  writeFileSync(recordFile(name), record);
}

const damaged = ['', '{', 'null', '[]', '{"version":1,"name":"x"}', '{"version":999}', '\0\0\0\0'];

test('labs with damaged records are no obstacle to others, and `down --all` removes them', async () => {
  for (const [index, record] of damaged.entries()) leave(`damaged-${index}`, record);
  mkdirSync(machine.path(`${labs}/without-record`));
  const up = await machine.lab('root', ['up', 'flat']);
  expect(up.exitCode, up.stderr).toBe(0);
  const list = JSON.parse((await machine.lab('root', ['list', '--json'])).stdout);
  expect(list.labs).toHaveLength(damaged.length + 2);
  const down = await machine.lab('root', ['down', '--all']);
  expect(down.exitCode, down.stderr).toBe(0);
  await expectTraces(machine, before);
});

test.each(['{"version":999}', '', undefined])(
  'what runs of a lab is ended although its record reads %j',
  async (record) => {
    await machine.lab('root', ['up', 'flat']);
    if (record === undefined) rmSync(recordFile('flat'));
    else writeFileSync(recordFile('flat'), record);
    const { exitCode, stderr } = await machine.lab('root', ['down', 'flat']);
    expect(exitCode, stderr).toBe(0);
    await expectTraces(machine, before);
  },
);

test('a lab whose record cannot be read is not built over, except with --replace', async () => {
  leave('flat', '{"version":999}');
  const up = await machine.lab('root', ['up', 'flat']);
  expect(up.exitCode).toBe(3);
  expect(up.stderr).toContain(`${labs}/flat/lab.json is not a lab's record`);
  expect(up.stderr).toContain('lab down flat');
  const exec = await machine.lab('root', ['exec', 'devstack', '--', 'true']);
  expect(exec.exitCode).toBe(3);
  const replaced = await machine.lab('root', ['up', 'flat', '--replace']);
  expect(replaced.exitCode, replaced.stderr).toBe(0);
});

test('nothing outside of the folder of the labs is touched', async () => {
  const outside = machine.path('/tmp/outside');
  mkdirSync(outside);
  writeFileSync(`${outside}/file`, '');
  mkdirSync(machine.path(labs), { recursive: true });
  symlinkSync('/tmp/outside', machine.path(`${labs}/link`));
  for (const name of ['../../../../outside', '/tmp/outside', '..', '.', 'link']) {
    const down = await machine.lab('root', ['down', name]);
    expect(down.exitCode, down.stderr).toBe(2);
    const up = await machine.lab('root', ['up', 'flat', '--name', name, '--replace']);
    expect(up.exitCode, up.stderr).toBe(name === 'link' ? 3 : 2);
  }
  await machine.lab('root', ['down', '--all']);
  expect(readdirSync(outside)).toEqual(['file']);
  rmSync(machine.path(`${labs}/link`));
  rmSync(outside, { recursive: true });
  await expectTraces(machine, before);
});

test('a lab is the same by whatever path its home is named', async () => {
  symlinkSync('.local/state', machine.path('/tmp/root/shortcut'));
  const env = { LAB_HOME: '/tmp/root/shortcut/lab/' };
  await machine.lab('root', ['up', 'flat'], { env });
  const again = await machine.lab('root', ['up', 'flat']);
  expect(again.stderr).toContain('up already');
  await machine.lab('root', ['down']);
  rmSync(machine.path('/tmp/root/shortcut'));
  await expectTraces(machine, before);
});

test('the lab of a scenario that was killed is ended by the next up', async () => {
  const scenario = machine.start('root', ['scenario', 'dhcp-from-physical', '--topology', 'flat']);
  await scenario.said('dnsmasq');
  scenario.signal('SIGKILL');
  await scenario.ended;
  const [name = ''] = readdirSync(machine.path(labs));
  expect(name).toMatch(/^dhcp-from-physical-flat-\d+$/);
  expect(JSON.parse(readFileSync(recordFile(name), 'utf8')).owner).toBeDefined();
  const up = await machine.lab('root', ['up', 'flat']);
  expect(up.stderr).toContain(`lab ${name} ended`);
  expect(readdirSync(machine.path(labs))).toEqual(['flat']);
});
