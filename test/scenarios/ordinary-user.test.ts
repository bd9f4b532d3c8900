import { afterAll, beforeAll, expect, it } from 'vitest';
import { Machine } from '../machine.ts';
import { complaint, type ScenarioDocument } from './document.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine.end());

/** What a scenario makes at run time, an ordinary user can make: VLAN interfaces, ports, VMs, DHCP options, cables. */
it.each(['dhcp-from-physical-tagged', 'snat-to-tftp', 'lossy-wire'])(
  'an ordinary user runs %s',
  { timeout: 120_000 },
  async (name) => {
    const args = ['scenario', name, '--topology', 'vlan', '--json', '--quiet'];
    const { stdout, stderr } = await machine.lab('alice', args, { timeoutMs: 120_000 });
    expect(stdout, stderr).not.toBe('');
    const { runs } = JSON.parse(stdout) as ScenarioDocument;
    expect(runs.map(complaint)).toEqual(['pass']);
  },
);
