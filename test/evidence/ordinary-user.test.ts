import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LabTrace } from '../../src/evidence/trace-lab.ts';
import { Machine } from '../machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine.end());

it('an ordinary user captures at bridges and patch ports, sends frames, and is told the story', async () => {
  const lab = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await machine.lab('alice', args);
    expect(exitCode, stderr).toBe(0);
    return { stdout, stderr };
  };
  await lab('up', 'vlan', '--quiet');
  const { stdout } = await lab('trace', 'rack/stand-in-1', 'dhcp-discover', '--send', '--json');
  const { captures } = JSON.parse(stdout) as LabTrace;
  expect(captures?.differences).toEqual([]);
  const { stderr } = await lab('capture', 'int-br-eth2', 'br-eth2', 'rack/stand-in-2', '--seconds', '0.1');
  expect(stderr).toMatch(/^devstack\/int-br-eth2 +\d+ frames?$/m);
  expect((await lab('explain', 'vlan')).stdout).toContain('✗ br-int drops it');
  await lab('down', '--quiet');
});
