import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapOf, PointMap } from '../../src/evidence/map.ts';
import { labPlan } from '../../src/lab/plan.ts';
import { loadTopology } from '../../src/topology/parse.ts';

describe('the points of a lab', () => {
  it('lead from a server to dnsmasq and back by the same way', async () => {
    const map = mapOf(labPlan(await loadTopology('topologies/flat.yaml')));
    const there = map.way('rack/stand-in-1', 'devstack/tap95552076-85');
    expect(there).toEqual([
      'rack/stand-in-1',
      'rack/tor',
      'rack/eth2',
      'devstack/eth2',
      'devstack/br-eth2',
      'devstack/phy-br-eth2',
      'devstack/int-br-eth2',
      'devstack/br-int',
      'devstack/tap95552076-85',
    ]);
    expect(map.way('devstack/tap95552076-85', 'rack/stand-in-1')).toEqual(there.toReversed());
  });

  it('lead from an instance on the compute node to dnsmasq through the tunnel', async () => {
    const plan = labPlan(await loadTopology('topologies/gre.yaml'));
    const tap = `devstack/${plan.devstack.dhcpAgents[0]?.tap.name}`;
    const way = mapOf(plan).wayThrough('gre', 'rack/instance-1', tap);
    expect(way).toEqual([
      'rack/instance-1',
      'rack/compute-1',
      'rack/tor',
      'rack/eth2',
      'devstack/eth2',
      'devstack/br-eth2',
      'devstack/gre-ac1f0002',
      'devstack/br-tun',
      'devstack/patch-int',
      'devstack/patch-tun',
      'devstack/br-int',
      tap,
    ]);
  });

  it('lead from a server to the switch of its own wire', async () => {
    const map = mapOf(labPlan(await loadTopology('topologies/two-flats.yaml')));
    expect(map.way('rack/blue-1', 'devstack/br-eth3')).toEqual([
      'rack/blue-1',
      'rack/tor-eth3',
      'rack/eth3',
      'devstack/eth3',
      'devstack/br-eth3',
    ]);
  });

  it('lead from a VM through its router to the bridge behind it', async () => {
    const topology = await loadTopology('topologies/vlan.yaml');
    const plan = labPlan(topology);
    const vm = plan.devstack.domains[0]?.nic.device;
    const way = mapOf(plan).way(`devstack/${vm}`, 'devstack/br-ex');
    expect(way.map((point) => point.replace(/-.*|(?<=tap)\w{8}/g, ''))).toEqual([
      'devstack/tap',
      'devstack/brbm',
      'devstack/brbm',
      'devstack/ovs',
      'devstack/br',
      'devstack/qr',
      'devstack/qg',
      'devstack/br',
    ]);
  });

  it('know of no way between what is not joined', () => {
    const map = new PointMap();
    map.chain('a', 'b');
    map.chain('c', 'd');
    expect(map.way('a', 'd')).toEqual([]);
    expect(map.distancesFrom('a').has('c')).toBe(false);
  });

  it('are as far from each other as the way between them is long', () => {
    const edge = fc.tuple(fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 25 }), fc.nat(9), fc.nat(9), (edges, from, to) => {
        const map = new PointMap();
        for (const [a, b] of edges) map.chain(`p${a}`, `p${b}`);
        const way = map.way(`p${from}`, `p${to}`);
        const distance = map.distancesFrom(`p${from}`).get(`p${to}`);
        expect(way.length).toBe(distance === undefined ? 0 : distance + 1);
        const joined = new Set(edges.flatMap(([a, b]) => [`p${a} p${b}`, `p${b} p${a}`]));
        way.slice(1).forEach((point, index) => {
          expect(joined).toContain(`${way[index]} ${point}`);
        });
      }),
    );
  });
});
