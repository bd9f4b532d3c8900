import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainLoss, type FlowCounts, type SwitchedPorts } from '../../src/evidence/loss.ts';
import { PointMap } from '../../src/evidence/map.ts';
import { outcomeText } from '../../src/evidence/outcome.ts';
import { type CountedFlow, parseFlow } from '../../src/ovs/flow.ts';
import { parseTrace } from '../../src/ovs/trace.ts';
import { decodeFrame, vlanId } from '../../src/packets/decode.ts';
import { captured, dhcpFrame } from '../packets/build.ts';
import { seenAt } from './seen.ts';

/** tor - eth2 | br-eth2 | phy = int | br-int | tap, and brbm | brbm-tap1 ~ ovs-tap1 | br-int; ~ is a veth. */
const map = new PointMap();
map.chain('rack/tor', 'devstack/eth2', 'devstack/br-eth2', 'devstack/phy', 'devstack/int', 'devstack/br-int');
map.chain('devstack/br-int', 'devstack/tap');
map.chain('devstack/vm', 'devstack/brbm', 'devstack/brbm-tap1', 'devstack/ovs-tap1', 'devstack/br-int');

const bridges: Readonly<Record<string, string>> = {
  'devstack/eth2': 'br-eth2',
  'devstack/br-eth2': 'br-eth2',
  'devstack/tap': 'br-int',
  'devstack/ovs-tap1': 'br-int',
  'devstack/br-int': 'br-int',
  'devstack/vm': 'brbm',
  'devstack/brbm-tap1': 'brbm',
  'devstack/brbm': 'brbm',
};
const cables: Readonly<Record<string, string>> = {
  'devstack/eth2': 'rack/tor',
  'devstack/ovs-tap1': 'devstack/brbm-tap1',
};

/** Open vSwitch that answers each port with the text that it would print; what it was asked is kept. */
function openVswitch(texts: Readonly<Record<string, string>>) {
  const asked: [point: string, vlan: number | null][] = [];
  const ports: SwitchedPorts = {
    bridgeOf: (point) => bridges[point],
    cableEnd: (point) => cables[point],
    trace: async (point, frame) => {
      asked.push([point, vlanId(decodeFrame(captured(frame)))]);
      return parseTrace(texts[point] ?? '');
    },
  };
  return { ports, asked };
}

function counts(lines: Readonly<Record<string, readonly [line: string, before: number, after: number][]>>) {
  const dump = (which: 1 | 2) =>
    Object.fromEntries(
      Object.entries(lines).map(([bridge, flows]) => [
        bridge,
        flows.flatMap((flow): CountedFlow[] => {
          const text = ` cookie=0x0, duration=1s, table=0, n_packets=${flow[which]}, n_bytes=0, ${flow[0]}`;
          return [parseFlow(text) ?? []].flat();
        }),
      ]),
    );
  return { before: dump(1), after: dump(2) } satisfies FlowCounts;
}

const discover = dhcpFrame({ type: 1 });
const tagged = dhcpFrame({ type: 1 }, [{ id: 1001 }]);

const dropInBrInt = `\
bridge("br-eth2")
-----------------
 0. priority 1
    NORMAL

bridge("br-int")
----------------
 0. in_port="int", priority 2
    drop

Datapath actions: br-eth2
`;
const dropRule = 'priority=2,in_port="int" actions=drop';

describe('a frame that does not arrive', () => {
  const hops = [...seenAt('rack/tor', [discover]), ...seenAt('devstack/eth2', [discover])];

  it('was dropped by the rule that the trace names and the counters confirm', async () => {
    const { ports } = openVswitch({ 'devstack/eth2': dropInBrInt });
    const outcome = await explainLoss(
      hops,
      'devstack/tap',
      map,
      counts({ 'br-int': [[dropRule, 4, 6]] }),
      ports,
    );
    expect(outcome).toEqual({
      kind: 'dropped',
      bridge: 'br-int',
      rule: 'table=0, priority=2, in_port="int" actions=drop',
      packets: 2,
    });
  });

  it('is not said to be dropped when that rule counted nothing', async () => {
    const { ports } = openVswitch({ 'devstack/eth2': dropInBrInt });
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (packets) => {
        const flows = counts({ 'br-int': [[dropRule, packets, packets]] });
        const outcome = await explainLoss(hops, 'devstack/tap', map, flows, ports);
        expect(outcome).toMatchObject({
          kind: 'unknown',
          reason: expect.stringContaining('but that rule counted no frame'),
        });
      }),
    );
  });

  it('was dropped for want of a rule', async () => {
    const { ports } = openVswitch({
      'devstack/eth2': 'bridge("br-eth2")\n 0. No match.\n    drop\n\nDatapath actions: drop\n',
    });
    const outcome = await explainLoss(hops, 'devstack/tap', map, counts({}), ports);
    expect(outcomeText(outcome)).toBe('dropped in br-eth2 by table=0: no rule matches');
  });

  it("was dropped by NORMAL, in NORMAL's own words", async () => {
    const { ports } = openVswitch({
      'devstack/ovs-tap1': `\
bridge("br-int")
 0. priority 1
    NORMAL
     >>>> dropping VLAN 1001 tagged packet received on port ovs-tap1 configured as VLAN 2 access port <<<<
     >> disallowed VLAN VID for this input port, dropping

Datapath actions: drop
`,
    });
    const outcome = await explainLoss(
      [...seenAt('devstack/vm', [tagged]), ...seenAt('devstack/brbm-tap1', [tagged])],
      'devstack/tap',
      map,
      counts({ 'br-int': [['priority=1 actions=NORMAL', 0, 1]] }),
      ports,
    );
    expect(outcomeText(outcome)).toBe(
      'dropped in br-int by table=0, priority=1 actions=NORMAL (dropping VLAN 1001 tagged packet received on port ovs-tap1 configured as VLAN 2 access port)',
    );
  });

  it('was sent astray by the last rule it met', async () => {
    const { ports } = openVswitch({
      'devstack/eth2': `\
bridge("br-eth2")
 0. in_port=eth2,dl_vlan=1001, priority 4
    set_field:4098->vlan_vid
    NORMAL

bridge("br-int")
 0. dl_vlan=2, priority 3
    set_field:5097->vlan_vid
    NORMAL

Datapath actions: pop_vlan,push_vlan(vid=2,pcp=0),br-eth2,pop_vlan,push_vlan(vid=1001,pcp=0),br-int
`,
    });
    const outcome = await explainLoss(
      [...seenAt('devstack/eth2', [tagged]), ...seenAt('devstack/br-int', [tagged])],
      'devstack/tap',
      map,
      counts({ 'br-int': [['priority=3,dl_vlan=2 actions=mod_vlan_vid:1001,NORMAL', 0, 1]] }),
      ports,
    );
    expect(outcome).toEqual({
      kind: 'misdirected',
      bridge: 'br-int',
      rule: 'table=0, priority=3, dl_vlan=2 actions=mod_vlan_vid:1001,NORMAL',
      packets: 1,
      vlan: 1001,
      to: 'devstack/tap',
    });
  });

  it('is followed over a cable, with the tag that it left by', async () => {
    const { ports, asked } = openVswitch({
      'devstack/vm':
        'bridge("brbm")\n 0. priority 0\n    NORMAL\n\nDatapath actions: push_vlan(vid=7,pcp=0),brbm-tap1\n',
      'devstack/ovs-tap1':
        'bridge("br-int")\n 0. dl_vlan=7, priority 9\n    drop\n\nDatapath actions: drop\n',
    });
    const outcome = await explainLoss(
      seenAt('devstack/vm', [discover]),
      'devstack/tap',
      map,
      counts({ 'br-int': [['priority=9,dl_vlan=7 actions=drop', 0, 1]] }),
      ports,
    );
    expect(asked).toEqual([
      ['devstack/vm', null],
      ['devstack/ovs-tap1', 7],
    ]);
    expect(outcome).toMatchObject({ kind: 'dropped', bridge: 'br-int' });
  });

  it('is traced from the last port of its way at which its bytes are known', async () => {
    const { ports, asked } = openVswitch({});
    const hops = [...seenAt('devstack/vm', [discover]), ...seenAt('devstack/brbm-tap1', [tagged])];
    const outcome = await explainLoss(hops, 'devstack/tap', map, counts({}), ports);
    expect(asked).toEqual([['devstack/ovs-tap1', 1001]]);
    expect(outcome).toMatchObject({ kind: 'unknown' });
  });

  it('is not accounted for when it did not come to Open vSwitch', async () => {
    const outcome = await explainLoss(
      seenAt('rack/stand-in', [discover]),
      'devstack/tap',
      map,
      counts({}),
      openVswitch({}).ports,
    );
    expect(outcome).toEqual({
      kind: 'unknown',
      reason: 'last seen at rack/stand-in on its way to devstack/tap; it did not reach Open vSwitch',
    });
  });

  it('is not accounted for when Open vSwitch would put it out where it was not seen', async () => {
    const { ports } = openVswitch({
      'devstack/tap': 'bridge("br-int")\n 0. priority 1\n    NORMAL\n\nDatapath actions: eth2\n',
    });
    const outcome = await explainLoss(
      seenAt('devstack/tap', [discover]),
      'rack/tor',
      map,
      counts({ 'br-int': [['priority=1 actions=NORMAL', 0, 1]] }),
      ports,
    );
    expect(outcome).toMatchObject({
      kind: 'unknown',
      reason: 'last seen at devstack/tap on its way to rack/tor; Open vSwitch puts it out at devstack/eth2',
    });
  });
});
