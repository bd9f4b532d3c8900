import { describe, expect, it } from 'vitest';
import { dhcp } from '../../src/evidence/frames.ts';
import { JourneyStory } from '../../src/evidence/journey-story.ts';
import type { JourneyOutcome } from '../../src/evidence/outcome.ts';
import { dhcpFrame, macs } from '../packets/build.ts';
import { seenAt } from './seen.ts';

const discover = (...vlans: number[]) =>
  dhcpFrame(
    { type: 1, chaddr: macs.client },
    vlans.map((id) => ({ id })),
  );
const hops = [
  ...seenAt('rack/server', [discover()]),
  ...seenAt('devstack/eth2', [discover(1001)], { afterMs: 1 }),
  ...seenAt('devstack/br-int', [discover(2)], { afterMs: 2 }),
];

function story(outcome: JourneyOutcome, what = 'DISCOVER', seen = hops): JourneyStory {
  return new JourneyStory({ what, to: 'devstack/br-int', hops: seen, outcome, way: [] });
}
const delivered = story({ kind: 'delivered', at: 'devstack/br-int' });
const dropped = story({ kind: 'dropped', bridge: 'br-int', rule: 'table=0 actions=drop', packets: 1 });
const astray = story({
  kind: 'misdirected',
  bridge: 'br-int',
  rule: 'table=0 actions=NORMAL',
  packets: 1,
  vlan: null,
  to: 'devstack/tap',
});
const never = story({ kind: 'unknown', reason: 'no DISCOVER was captured at any point' }, 'DISCOVER', []);

describe('a claim about a journey', () => {
  it.each([
    ['visits points in order', delivered.visits('rack/server', 'devstack/eth2', 'devstack/br-int')],
    ['carries a tag', delivered.carries(1001, 'devstack/eth2')],
    ['carries no tag', delivered.carries(null, 'rack/server')],
    [
      'is translated',
      delivered.isTranslated({ point: 'devstack/eth2', vlan: 1001 }, { point: 'devstack/br-int', vlan: 2 }),
    ],
    ['shows what a test finds', delivered.shows('DISCOVER', dhcp('DISCOVER', macs.client))],
    ['never reaches a point', delivered.neverReaches('devstack/tap')],
    ['is delivered', delivered.isDelivered()],
    ['is dropped in a bridge', dropped.isDroppedIn('br-int')],
    ['is misdirected in a bridge', astray.isMisdirectedIn('br-int')],
  ])('holds: it %s', (_what, { holds, evidence, journeys }) => {
    expect(holds).toBe(true);
    expect(evidence.length).toBeGreaterThan(0);
    expect(journeys).toHaveLength(1);
  });

  it.each([
    [
      delivered.visits('devstack/eth2', 'rack/server'),
      'DISCOVER: seen at devstack/eth2, rack/server, but not in this order',
    ],
    [delivered.visits('devstack/tap'), 'DISCOVER: not seen at devstack/tap'],
    [delivered.carries(2, 'devstack/eth2'), 'DISCOVER: VLAN 1001 at devstack/eth2'],
    [delivered.carries(null, 'devstack/tap'), 'DISCOVER: not seen at devstack/tap'],
    [
      delivered.isTranslated({ point: 'devstack/br-int', vlan: 2 }, { point: 'devstack/eth2', vlan: 1001 }),
      'DISCOVER: VLAN 2 at devstack/br-int, VLAN 1001 at devstack/eth2, seen at devstack/br-int, devstack/eth2, but not in this order',
    ],
    [
      delivered.shows('OFFER', dhcp('OFFER', macs.client), 'devstack/eth2'),
      'DISCOVER: no OFFER at devstack/eth2',
    ],
    [delivered.neverReaches('devstack/eth2'), 'DISCOVER: seen at devstack/eth2'],
    [dropped.isDelivered(), 'DISCOVER: dropped in br-int by table=0 actions=drop'],
    [
      dropped.carries(null, 'devstack/tap'),
      'DISCOVER: not seen at devstack/tap; dropped in br-int by table=0 actions=drop',
    ],
    [dropped.isDroppedIn('br-eth2'), 'DISCOVER: dropped in br-int by table=0 actions=drop'],
    [
      astray.isDroppedIn('br-int'),
      'DISCOVER: lost in br-int: forwarded in no VLAN, not towards devstack/tap, by table=0 actions=NORMAL',
    ],
    [dropped.isMisdirectedIn('br-int'), 'DISCOVER: dropped in br-int by table=0 actions=drop'],
  ])('that does not hold tells what was seen: %#', ({ holds, why }, expected) => {
    expect(holds).toBe(false);
    expect(why).toBe(expected);
  });

  it('about a frame that nobody saw never holds, whatever it says', () => {
    const claims = [
      never.visits('devstack/eth2'),
      never.carries(null, 'devstack/eth2'),
      never.neverReaches('devstack/tap'),
      never.isDelivered(),
      never.isDroppedIn('br-int'),
      never.isMisdirectedIn('br-int'),
      never.shows('anything', () => true),
      never.isAnsweredBy(delivered, 1000),
      delivered.isAnsweredBy(never, 1000),
    ];
    expect(claims.map(({ holds }) => holds)).toEqual(claims.map(() => false));
  });

  it('of an answer holds within its time, and not for an answer that came before', () => {
    const answer = (afterMs: number) =>
      story(
        { kind: 'delivered', at: 'rack/server' },
        'OFFER',
        seenAt('devstack/br-int', [discover()], { afterMs }),
      );
    expect(delivered.isAnsweredBy(answer(12), 10)).toMatchObject({ holds: true, why: 'OFFER after 10.0 ms' });
    expect(delivered.isAnsweredBy(answer(13), 10).holds).toBe(false);
    expect(delivered.isAnsweredBy(answer(1), 10).holds).toBe(false);
  });
});
