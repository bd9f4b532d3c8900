import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFlow, parseFlow } from '../../src/ovs/flow.ts';

/* The lines are what `ovs-ofctl --names dump-flows` of Open vSwitch 3.1.0 printed in a lab. */

describe('a dumped flow', () => {
  it('is read with its counters', () => {
    expect(
      parseFlow(
        ' cookie=0x0, duration=0.151s, table=0, n_packets=3, n_bytes=266, priority=3,in_port="int-br-eth2",dl_vlan=1001 actions=mod_vlan_vid:2,NORMAL',
      ),
    ).toEqual({
      cookie: '0x0',
      table: 0,
      packets: 3,
      bytes: 266,
      priority: 3,
      match: 'in_port="int-br-eth2",dl_vlan=1001',
      actions: 'mod_vlan_vid:2,NORMAL',
    });
  });

  it('may match every frame', () => {
    expect(
      parseFlow(' cookie=0x0, duration=0.150s, table=23, n_packets=0, n_bytes=0, priority=0 actions=drop'),
    ).toMatchObject({ table: 23, priority: 0, match: '', actions: 'drop' });
  });

  it('has the default priority when none is told, and its age is no match', () => {
    expect(
      parseFlow(
        ' cookie=0x7, duration=31.2s, table=0, n_packets=5, n_bytes=300, idle_age=12, udp,in_port=1 actions=NORMAL',
      ),
    ).toMatchObject({ cookie: '0x7', priority: 32768, match: 'udp,in_port=1' });
  });

  it('is told from the other lines of a dump', () => {
    expect(parseFlow('NXST_FLOW reply (xid=0x4):')).toBeUndefined();
    expect(parseFlow('')).toBeUndefined();
  });

  it('is what was asked for, however it is put', () => {
    const field = fc.constantFrom('in_port="int-br-eth2"', 'dl_vlan=1001', 'udp', 'vlan_tci=0x0000/0x1fff');
    const flow = fc.record({
      table: fc.nat(254),
      priority: fc.nat(65535),
      match: fc.uniqueArray(field).map((fields) => fields.join(',')),
      actions: fc.constantFrom('drop', 'NORMAL', 'mod_vlan_vid:2,NORMAL', 'set_field:4098->vlan_vid,NORMAL'),
    });
    fc.assert(
      fc.property(flow, fc.nat(), ({ table, priority, match, actions }, packets) => {
        const dumped = ` cookie=0x0, duration=1s, table=${table}, n_packets=${packets}, n_bytes=0, priority=${priority}${match ? `,${match}` : ''} actions=${actions}`;
        expect(parseFlow(dumped)).toMatchObject({ table, priority, match, actions, packets });
        expect(formatFlow({ table, priority, match, actions })).toBe(
          `table=${table},priority=${priority},${match ? `${match},` : ''}actions=${actions}`,
        );
      }),
    );
  });
});
