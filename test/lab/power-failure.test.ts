import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LabRecord } from '../../src/lab/record.ts';
import { isRunning } from '../../src/linux/process-identity.ts';
import { waitFor } from '../../src/wait.ts';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

interface Secrets {
  readonly secrets: { readonly bmcs: readonly { readonly server: string; readonly password: string }[] };
}

const passwords = async () => (await lab.json<Secrets>(['status', '--show-secrets'])).secrets.bmcs;

test('after a power failure of the rack its BMCs are the same, and put on what their policy says', async () => {
  await lab.run(['up', 'flat']);
  const before = await passwords();
  expect((await lab.run(['ipmi', 'server-1', 'power', 'on'])).exitCode).toBe(0);
  const ipmitool = [
    'ipmitool',
    '-I',
    'lanplus',
    '-H',
    '192.168.24.11',
    '-U',
    'admin',
    '-f',
    '/run/ironic/bmc/server-1',
  ];
  await lab.run(['exec', 'devstack', '--', ...ipmitool, 'chassis', 'policy', 'always-on']);
  const record = JSON.parse(readFileSync(join(lab.home, 'labs', 'flat', 'lab.json'), 'utf8')) as LabRecord;
  const init = record.hosts?.rack.init;
  if (!init) throw new Error('the record names no rack');
  process.kill(init.pid, 'SIGKILL');
  await waitFor('the rack to end', () => (isRunning(init) ? undefined : true), { timeoutMs: 10_000 });
  expect((await lab.run(['up', 'flat'])).exitCode).toBe(0);
  expect(await passwords()).toEqual(before);
  expect((await lab.run(['ipmi', 'server-1', 'power', 'status'])).stdout).toBe('power is on\n');
  expect((await lab.run(['ipmi', 'server-2', 'power', 'status'])).stdout).toBe('power is off\n');
  const log = (await lab.run(['ipmi', 'server-1', 'sel'])).stdout.trimEnd().split('\n');
  expect(log.filter((line) => line.includes('started by power up'))).toHaveLength(2);
});
