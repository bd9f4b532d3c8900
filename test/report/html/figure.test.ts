import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapOf } from '../../../src/evidence/map.ts';
import { labPlan } from '../../../src/lab/plan.ts';
import { Figures } from '../../../src/report/html/figure.ts';
import { figureLayout, figureWidth } from '../../../src/report/html/figure-layout.ts';
import { figureWay, spelledOut } from '../../../src/report/html/figure-way.ts';
import type { HopResult, JourneyResult } from '../../../src/scenarios/result.ts';
import { loadTopology } from '../../../src/topology/parse.ts';

const topologies = readdirSync('topologies').filter((file) => file.endsWith('.yaml'));
const load = (name: string) => loadTopology(`topologies/${name}.yaml`);

const hop = (point: string, vlan: number | null): HopResult => ({
  point,
  vlan,
  time: '2026-11-23T06:00:00.000000001Z',
  file: '/captures',
  frame: 1,
});

describe.each(topologies)('the figure of %s', (file) => {
  it('has everything inside it, and no box on another', async () => {
    const layout = figureLayout(labPlan(await loadTopology(`topologies/${file}`)), new Set());
    const parts = [...layout.bars, ...layout.boxes];
    for (const { x, y, width, height } of parts) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(figureWidth);
      expect(y + height).toBeLessThanOrEqual(layout.height);
    }
    for (const [index, a] of parts.entries()) {
      for (const b of parts.slice(index + 1)) {
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${a.title} on ${b.title}`).toBe(true);
      }
    }
  });

  it('knows the bridges, the wires and the first machines', async () => {
    const plan = labPlan(await loadTopology(`topologies/${file}`));
    const { places } = figureLayout(plan, new Set());
    for (const { name } of plan.rack.switches) expect(places.get(`rack/${name}`)?.kind).toBe('bar');
    for (const { devstackDevice, rackDevice } of plan.wires) {
      expect(places.has(`devstack/${devstackDevice}`)).toBe(true);
      expect(places.has(`rack/${rackDevice}`)).toBe(true);
    }
    expect(places.get('devstack/br-int')?.kind).toBe('bar');
    for (const { tap } of plan.devstack.dhcpAgents.slice(0, 2))
      expect(places.has(`devstack/${tap.name}`)).toBe(true);
  });
});

describe('a way in a figure', () => {
  it('goes straight or at right angles, over all points between those that were seen', async () => {
    const plan = labPlan(await load('vlan'));
    const [tap = ''] = plan.devstack.dhcpAgents.map((agent) => agent.tap.name);
    const points = spelledOut(['rack/stand-in-1', `devstack/${tap}`], mapOf(plan));
    expect(points).toContain('devstack/br-eth2');
    const corners = figureWay(points, figureLayout(plan, new Set(points))).corners.flatMap(({ at }) => at);
    for (const [index, b] of corners.entries()) {
      const a = corners[index - 1];
      if (a) expect(a.x === b.x || a.y === b.y).toBe(true);
    }
  });

  it('crosses a router inside it', async () => {
    const plan = labPlan(await load('vlan'));
    const ports = plan.devstack.routers[0]?.ports.map(({ port }) => `devstack/${port.name}`) ?? [];
    const layout = figureLayout(plan, new Set(ports));
    const heights = figureWay(ports, layout).corners.flatMap(({ at }) => at.map(({ y }) => y));
    expect(Math.min(...heights)).toBe(layout.routers[0]?.y);
  });
});

describe('a drawn journey', () => {
  const lost: JourneyResult = {
    what: 'DISCOVER',
    to: 'devstack/tap',
    hops: [
      hop('rack/stand-in-1', null),
      hop('devstack/eth2', null),
      { ...hop('rack/stand-in-2', null), aside: true },
    ],
    outcome: {
      kind: 'dropped',
      bridge: 'br-int',
      rule: 'drop',
      packets: 1,
      text: 'dropped in br-int by drop',
    },
  };

  it('has a mark for each hop, its tag, and the guilty bridge with a cross', async () => {
    const { text } = new Figures().draw(lost, await load('flat'));
    expect(text.match(/<g class="hop untagged">/g)).toHaveLength(2);
    expect(text.match(/class="aside"/g)).toHaveLength(1);
    expect(text).toContain('<rect class="guilty"');
    expect(text).toContain('<g class="loss">');
    expect(text).toContain(
      '1: rack/stand-in-1, untagged; 2: devstack/eth2, untagged; dropped in br-int by drop',
    );
  });

  it('has neither when it arrived', async () => {
    const outcome = { kind: 'delivered', at: 'devstack/eth2', text: 'delivered to devstack/eth2' } as const;
    const { text } = new Figures().draw({ ...lost, outcome }, await load('flat'));
    expect(text).not.toMatch(/class="(guilty|loss|ahead)"/);
  });

  it('is coloured by what its tag means', async () => {
    const hops = [hop('devstack/br-int', 2), hop('devstack/eth2', 1001), hop('rack/stand-in-1', 7)];
    const { text } = new Figures().draw({ ...lost, hops }, await load('vlan'));
    expect([...text.matchAll(/<g class="hop (\w+)">/g)].map(([, name]) => name)).toEqual([
      'local',
      'segment',
      'other',
    ]);
  });

  it('shares the lab that it is drawn into with the others', async () => {
    const [figures, topology] = [new Figures(), await load('flat')];
    figures.draw(lost, topology);
    figures.draw({ ...lost, what: 'OFFER' }, topology);
    expect(figures.definitions.text.match(/<g id=/g)).toHaveLength(1);
  });
});
