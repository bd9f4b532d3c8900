import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framesPutOut } from '../../src/evidence/datapath-actions.ts';
import { decodeFrame, vlanId } from '../../src/packets/decode.ts';
import { captured, dhcpFrame } from '../packets/build.ts';

const discover = dhcpFrame({ type: 1 });
const tagAt = (frames: ReadonlyMap<string, Uint8Array>, port: string) => {
  const frame = frames.get(port);
  return frame && vlanId(decodeFrame(captured(frame)));
};

describe('what Open vSwitch puts out', () => {
  it('has at each port the tag that it has by then', () => {
    const out = framesPutOut(
      'tap0,push_vlan(vid=2,pcp=0),br-int,pop_vlan,ovs-tap1,push_vlan(vid=1001,pcp=3),eth2',
      discover,
    );
    expect([...out.keys()]).toEqual(['tap0', 'br-int', 'ovs-tap1', 'eth2']);
    expect(['tap0', 'br-int', 'ovs-tap1', 'eth2'].map((port) => tagAt(out, port))).toEqual([
      null,
      2,
      null,
      1001,
    ]);
    expect(out.get('ovs-tap1')).toEqual(Buffer.from(discover));
    const tag = decodeFrame(captured(out.get('eth2') ?? discover)).vlans[0];
    expect(tag).toMatchObject({ id: 1001, priority: 3 });
  });

  it('is nothing when it drops', () => {
    expect(framesPutOut('drop', discover).size).toBe(0);
  });

  it('is not what goes into a tunnel or comes out of one', () => {
    const push =
      'clone(tnl_push(tnl_port(gre_sys),header(size=42,type=3,eth(dst=ee:1e:51:0c:2f:4b,src=fa:00:00:00:00:01,dl_type=0x0800),gre((flags=0x2000,proto=0x6558),key=0x3e9)),out_port(br-eth2)),eth2)';
    const out = framesPutOut(`tap0,${push},push_vlan(vid=2,pcp=0),br-int`, discover);
    expect([...out.keys()]).toEqual(['tap0', 'br-int']);
    expect(framesPutOut('tnl_pop(4)', discover).size).toBe(0);
  });

  it('keeps the tag of another kind', () => {
    const out = framesPutOut('push_vlan(tpid=0x88a8,vid=7,pcp=0),eth2', discover);
    expect(Buffer.from(out.get('eth2') ?? []).readUInt16BE(12)).toBe(0x88a8);
  });

  it('is the frame again when every tag is taken off', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4094), { maxLength: 4 }), (vlans) => {
        const push = vlans.map((vid) => `push_vlan(vid=${vid},pcp=0)`);
        const actions = [...push, ...vlans.map(() => 'pop_vlan'), 'out'].join(',');
        expect(Buffer.from(framesPutOut(actions, discover).get('out') ?? [])).toEqual(Buffer.from(discover));
      }),
    );
  });
});
