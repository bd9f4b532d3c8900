import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { labPlan } from '../../src/lab/plan.ts';
import { figure } from '../../src/report/explain-figure.ts';
import { loadTopology, parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/schema.ts';

function drawn(topology: Topology): string[] {
  const [network] = topology.networks;
  if (!network) throw new Error('no network');
  return figure(topology, labPlan(topology), network);
}

/** Characters by the ways that their lines go. */
const ways: Readonly<Record<string, string>> = {
  '│': 'ud',
  '─': 'lr',
  '┌': 'dr',
  '┐': 'dl',
  '└': 'ur',
  '┘': 'ul',
  '├': 'udr',
  '┤': 'udl',
  '┬': 'lrd',
  '┴': 'lru',
  '┼': 'udlr',
};

/** Lines that end in mid-air or in a text, as `row:column`. */
function looseEnds(lines: readonly string[]): string[] {
  const at = (y: number, x: number) => [...(lines[y] ?? '')][x] ?? ' ';
  const isJoined = (y: number, x: number, way: string) => (ways[at(y, x)] ?? '').includes(way);
  return lines.flatMap((line, y) =>
    [...line].flatMap((character, x) =>
      [...(ways[character] ?? '')].flatMap((way) => {
        const joined = {
          u: isJoined(y - 1, x, 'd'),
          d: isJoined(y + 1, x, 'u'),
          // A title stands in the edge of a box.
          l: isJoined(y, x - 1, 'r') || at(y, x - 1) === ' ',
          r: isJoined(y, x + 1, 'l') || at(y, x + 1) === ' ',
        }[way];
        return joined ? [] : [`${y + 1}:${x + 1} ${character}`];
      }),
    ),
  );
}

/** Legs of servers and VMs end above their names. */
const names = /^\s*│?\s+(stand-in|server|node|compute|instance|red|blue|baremetalbrbm|vm|a-very)/;

describe('the figure', () => {
  it("draws the flat network with the lab's own names", async () => {
    const lines = drawn(await loadTopology('topologies/flat.yaml'));
    expect(lines.slice(0, 12)).toEqual([
      '┌─ devstack ─────────────────────────────────────────────────────────────────────────────────────┐',
      '│                                                                                                │',
      '│   ┌─ qdhcp-8cdefd7e… ────┐                                                                     │',
      '│   │ dnsmasq              │                                                                     │',
      '│   │ 10.0.0.2             │                                                                     │',
      '│   └───┬──────────────────┘                                                                     │',
      '│       │ tap95552076-85                                                                         │',
      '│       │ tag 2                                                                                  │',
      '│   ┌───┴──────────────────────────────────────────────────────────────┐                         │',
      '│   │ br-int      inside it, this network is VLAN 2                    │                         │',
      '│   └───┬─────────────────────────────────────┬────────────────────────┘                         │',
      '│       │ ovs-tap1, tag 2                     │ int-br-eth2                                      │',
    ]);
    expect(lines.join('\n')).toContain('the wire: frames of this network carry no tag');
  });

  it('draws the router of a VLAN network, and what lies beyond', async () => {
    const text = drawn(await loadTopology('topologies/vlan.yaml')).join('\n');
    for (const name of ['qr-7f222663-c6', 'qg-f8e5441f-3c', 'SNAT to 192.0.2.2', 'br-ex', 'carry tag 1001']) {
      expect(text).toContain(name);
    }
  });

  const wide = {
    bridge_mappings: { physnet1: 'br-enp129s0f0np' },
    interconnect: 'veth',
    networks: [
      {
        name: 'a-very-long-name-for-a-network',
        provider: { network_type: 'flat', physical_network: 'physnet1' },
        subnet: { cidr: '192.168.100.0/22' },
      },
    ],
    vms: Array.from({ length: 7 }, (_, n) => ({ name: `a-very-long-name-for-a-vm-${n}` })),
    servers: [
      { name: 'a-very-long-name-for-a-server', kind: 'vm' },
      { name: 'node', kind: 'namespace', count: 200 },
    ],
  };
  const bare = { ...wide, vms: [], servers: [] };

  it.each([
    ['with many machines and long names', wide],
    ['without any machine', bare],
  ])('keeps to 98 columns %s', (_, topology) => {
    const lines = drawn(parseTopology(stringify(topology), 'wide.yaml'));
    for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(98);
  });

  it.each([['flat'], ['vlan'], ['gre'], ['vxlan'], ['local'], ['two-flats'], ['vlan-veth']])(
    'has no line that leads nowhere, for %s',
    async (name) => {
      const lines = drawn(await loadTopology(`topologies/${name}.yaml`));
      const beneath = lines.flatMap((line, y) => (names.test(line) ? [y] : []));
      const loose = looseEnds(lines).filter((end) => !beneath.includes(Number(end.split(':')[0])));
      expect(loose).toEqual([]);
    },
  );
});
