import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../src/ovs/trace.ts';

/*
 * Every text is what `ovs-appctl ofproto/trace --names` of Open vSwitch 3.1.0 printed in a lab, whole.
 */

describe('the text of ofproto/trace', () => {
  it('tells every rule that a frame meets, over patch ports from bridge to bridge', () => {
    const { steps, datapathActions } = parseTrace(`\
Flow: udp,in_port=eth2,dl_vlan=1001,dl_vlan_pcp=0,vlan_tci1=0x0000,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no,tp_src=0,tp_dst=0

bridge("br-eth2")
-----------------
 0. priority 1
    NORMAL
     -> no learned MAC for destination, flooding

bridge("br-int")
----------------
 0. in_port="int-br-eth2",dl_vlan=1001, priority 3
    set_field:4098->vlan_vid
    NORMAL
     -> no learned MAC for destination, flooding

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=eth2,dl_vlan=1001,dl_vlan_pcp=0,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_frag=no
Datapath actions: pop_vlan,tape2f5f7f1-2c,push_vlan(vid=2,pcp=0),br-int,pop_vlan,ovs-tap1,qr-7f222663-c6,push_vlan(vid=1001,pcp=0),br-eth2
`);
    const flooding = '-> no learned MAC for destination, flooding';
    expect(steps).toEqual([
      { bridge: 'br-eth2', table: 0, priority: 1, match: '', miss: false, actions: ['NORMAL', flooding] },
      {
        bridge: 'br-int',
        table: 0,
        priority: 3,
        match: 'in_port="int-br-eth2",dl_vlan=1001',
        miss: false,
        actions: ['set_field:4098->vlan_vid', 'NORMAL', flooding],
      },
    ]);
    expect(datapathActions).toBe(
      'pop_vlan,tape2f5f7f1-2c,push_vlan(vid=2,pcp=0),br-int,pop_vlan,ovs-tap1,qr-7f222663-c6,push_vlan(vid=1001,pcp=0),br-eth2',
    );
  });

  it('follows a frame from table to table', () => {
    const { steps } = parseTrace(`\
bridge("br-int")
----------------
 0. in_port="int-br-eth2",dl_vlan=1001, priority 3
    set_field:4098->vlan_vid
    goto_table:59
59. priority 3
    goto_table:60
60. priority 3
    NORMAL
     -> no learned MAC for destination, flooding

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=eth2,dl_vlan=1001,dl_vlan_pcp=0,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_frag=no
Datapath actions: br-eth2,pop_vlan,tap7e0ce249-e1,ovs-tap1,qr-8a8bfbad-27,push_vlan(vid=2,pcp=0),br-int
`);
    expect(steps.map(({ table, actions }) => [table, actions[0]])).toEqual([
      [0, 'set_field:4098->vlan_vid'],
      [59, 'goto_table:60'],
      [60, 'NORMAL'],
    ]);
  });

  it('names the rule that drops', () => {
    const { steps } = parseTrace(`\
bridge("br-eth2")
-----------------
 0. priority 1
    NORMAL
     -> no learned MAC for destination, flooding

bridge("br-int")
----------------
 0. in_port="int-br-eth2", priority 2
    drop

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=eth2,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_frag=no
Datapath actions: br-eth2
`);
    expect(steps.at(-1)).toEqual({
      bridge: 'br-int',
      table: 0,
      priority: 2,
      match: 'in_port="int-br-eth2"',
      miss: false,
      actions: ['drop'],
    });
  });

  it('tells when a table has no rule', () => {
    const { steps } = parseTrace(`\
bridge("br-int")
----------------
 0. No match.
    drop

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port="ovs-tap1",nw_frag=no
Datapath actions: drop
`);
    expect(steps).toMatchObject([{ bridge: 'br-int', table: 0, miss: true, actions: ['drop'] }]);
  });

  it('knows the hidden rule that stands for no rule behind a patch port', () => {
    const { steps } = parseTrace(`\
bridge("br-int")
----------------
 0. reg0=0x2, priority 0
    drop

Final flow: unchanged
Datapath actions: br-eth2
`);
    expect(steps).toMatchObject([{ miss: true, actions: ['drop'] }]);
  });

  it("keeps NORMAL's reason for a drop", () => {
    const { steps, datapathActions } = parseTrace(`\
bridge("br-int")
----------------
 0. priority 1
    NORMAL
     >>>> dropping VLAN 1001 tagged packet received on port ovs-tap1 configured as VLAN 2 access port <<<<
     >> disallowed VLAN VID for this input port, dropping

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port="ovs-tap1",dl_vlan=1001,dl_src=52:54:00:00:02:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_frag=no
Datapath actions: drop
`);
    expect(steps[0]?.actions).toContain('>> disallowed VLAN VID for this input port, dropping');
    expect(datapathActions).toBe('drop');
  });
});
