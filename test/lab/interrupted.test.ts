import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  await machine.lab('root', ['up', 'flat']);
  await machine.lab('root', ['down', '--all']);
  before = traces(machine);
});
afterAll(() => machine?.end());

describe.each([
  ['Ctrl-C', 'SIGINT', 'group'],
  ['TERM', 'SIGTERM', 'alone'],
  ['a closed terminal', 'SIGHUP', 'group'],
] as const)('%s', (_name, signal, to) => {
  test.each(['hosts devstack', 'cables', 'Open vSwitch'])(
    'during up, after "%s": ends with 130 and leaves nothing',
    async (step) => {
      const up = machine.start('root', ['up', 'flat']);
      await up.said(step);
      up.signal(signal, to);
      const { exitCode, stderr } = await up.ended;
      expect(exitCode, stderr).toBe(130);
      expect(stderr).toContain('interrupted: cleaning up');
      await expectTraces(machine, before);
    },
  );

  test('during a scenario: ends with 130, and its lab with it', async () => {
    const scenario = machine.start('root', ['scenario', 'dhcp-from-physical', '--topology', 'flat']);
    await scenario.said('dnsmasq');
    scenario.signal(signal, to);
    const { exitCode, stderr } = await scenario.ended;
    expect(exitCode, stderr).toBe(130);
    await expectTraces(machine, before);
  });
});

test('a second and a third Ctrl-C do no harm', async () => {
  const up = machine.start('root', ['up', 'flat']);
  await up.said('hosts devstack');
  up.signal('SIGINT', 'group');
  await up.said('interrupted');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) up.signal(signal, 'group');
  const { exitCode, stderr } = await up.ended;
  expect(exitCode, stderr).toBe(130);
  expect(stderr.match(/interrupted/g)).toHaveLength(1);
  await expectTraces(machine, before);
});

test('an up that waits for another one can be interrupted; the other goes on', async () => {
  const first = machine.start('root', ['up', 'flat']);
  await first.said('hosts devstack');
  const second = machine.start('root', ['up', 'flat']);
  await second.said('waiting for another command');
  second.signal('SIGINT', 'group');
  expect((await second.ended).exitCode).not.toBe(0);
  const { exitCode, stderr } = await first.ended;
  expect(exitCode, stderr).toBe(0);
  await machine.lab('root', ['down']);
  await expectTraces(machine, before);
});
