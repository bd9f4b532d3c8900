import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SuiteResult } from '../../src/suite/result.ts';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

/* What an ordinary user does beside single scenarios: the article's session, the suite, a diagnosis. */

let machine: Machine;
let before: Traces;
beforeAll(async () => {
  machine = await Machine.start();
  before = traces(machine);
});
afterAll(() => machine.end());

async function lab(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.lab('alice', args);
  expect({ args, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return stdout;
}

test('the session of the article', async () => {
  const samples = '/run/project/samples/devstack';
  const files = ['--localrc', `${samples}/localrc`, '--hardware-info', `${samples}/hardware_info`];
  await lab('devstack', ...files, '--quiet');
  expect(await lab('nova', 'list')).toContain('| ID ');
  expect(await lab('ironic', 'node-list')).toContain('Provisioning State');
  const inShell = "ironic node-list | awk '/ None / {print $2}'";
  expect(await lab('exec', 'devstack', '--', 'sh', '-c', inShell)).toMatch(
    /^[0-9a-f-]{36}\n[0-9a-f-]{36}\n$/,
  );
  await lab('down', '--quiet');
  await expectTraces(machine, before);
});

test('a suite', async () => {
  const words = ['suite', 'dhcp-from-physical', 'unknown-mac-*', '--topology', 'flat', '--json', '--quiet'];
  const { counts } = JSON.parse(await lab(...words)) as SuiteResult;
  expect(counts).toMatchObject({ pass: 2, fail: 0, error: 0, skip: 0 });
  await expectTraces(machine, before);
});

test('a diagnosis of the machine itself is root’s, and says so', async () => {
  const { exitCode, stderr } = await machine.lab('alice', ['diagnose', '--mac', '52:54:00:00:02:01']);
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/^lab: .*needs root\ntry: sudo/);
});
