import { afterAll, describe, expect, it } from 'vitest';
import { LabCommand } from '../lab-command.ts';
import { complaint, runOn, runScenario } from './document.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

async function passing(name: string, topologies: readonly string[]) {
  const document = await runScenario(lab, [name, '--topology', ...topologies]);
  for (const run of document.runs) expect(run.verdict, `${run.topology}: ${complaint(run)}`).toBe('pass');
  expect(document.runs.map(({ topology }) => topology)).toEqual(topologies);
  return document;
}

describe('only-flat-serves-a-physical-server', () => {
  it('holds on tunnels and on a network of one host: the server is dropped, the instance served', async () => {
    const document = await passing('only-flat-serves-a-physical-server', ['gre', 'vxlan', 'local']);
    for (const type of ['gre', 'vxlan'] as const) {
      const { journeys } = runOn(document, type);
      const [fromServer] = journeys;
      expect(fromServer?.outcome).toMatchObject({ kind: 'dropped', bridge: 'br-int' });
      expect(fromServer?.outcome.text).toContain('in_port="int-br-eth2" actions=drop');
      const fromInstance = journeys.find(({ what }) => what === 'DISCOVER of instance-1');
      const hops = fromInstance?.hops.filter(({ aside }) => !aside) ?? [];
      expect(
        hops.map(({ point, vlan, tunnel }) => [point.replace(/tap.*/, 'tap'), tunnel?.id ?? vlan]),
      ).toEqual([
        ['rack/instance-1', null],
        ['rack/compute-1', 1001],
        ['devstack/eth2', 1001],
        ['devstack/br-eth2', 1001],
        ['devstack/br-int', 2],
        ['devstack/tap', null],
      ]);
      expect(hops.filter(({ tunnel }) => tunnel?.type === type)).toHaveLength(3);
    }
    for (const { observed } of document.runs) expect(observed).toBe('only VMs are served');
  });
});

it('vlan-isolation holds on one wire with tags, and on two without', async () => {
  await passing('vlan-isolation', ['two-vlans', 'two-flats']);
});

it('unknown-mac-gets-no-answer holds', async () => {
  await passing('unknown-mac-gets-no-answer', ['vlan']);
});

it('a veth cable and the rules of today change nothing for who is served', async () => {
  await passing('dhcp-from-physical', ['flat-veth', 'vlan-current']);
});
