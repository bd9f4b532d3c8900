import { describe, expect, it } from 'vitest';
import { labPlan } from '../../src/lab/plan.ts';
import { agentRules } from '../../src/neutron/integration.ts';
import { formatFlow } from '../../src/ovs/flow.ts';
import { loadTopology } from '../../src/topology/parse.ts';

async function rulesOf(topology: string, rules: 'juno' | 'current' = 'juno') {
  const { flows, protocol } = agentRules({ ...(await loadTopology(`topologies/${topology}.yaml`)), rules });
  const words = Object.entries(flows).map(([bridge, some]) => [bridge, some.map(formatFlow)] as const);
  return { protocol, bridges: new Map(words) };
}

const learnt =
  'learn(table=20,hard_timeout=300,priority=1,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:0->NXM_OF_VLAN_TCI[],load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[],output:OXM_OF_IN_PORT[])';

describe('the rules of br-tun', () => {
  it("are those of Juno's agent: resubmit, strip_vlan, set_tunnel; flooding without a priority of its own", async () => {
    const { bridges, protocol } = await rulesOf('gre');
    expect(protocol).toBe('OpenFlow10');
    expect(bridges.get('br-tun')).toEqual([
      'table=0,priority=1,in_port=patch-int,actions=resubmit(,2)',
      'table=0,priority=1,in_port=gre-ac1f0002,actions=resubmit(,3)',
      'table=0,priority=0,actions=drop',
      'table=2,priority=0,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,20)',
      'table=2,priority=0,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,22)',
      'table=3,priority=0,actions=drop',
      'table=4,priority=0,actions=drop',
      `table=10,priority=1,actions=${learnt},output:patch-int`,
      'table=20,priority=0,actions=resubmit(,22)',
      'table=22,priority=0,actions=drop',
      'table=3,priority=1,tun_id=0x3e9,actions=mod_vlan_vid:2,resubmit(,10)',
      'table=22,priority=32768,dl_vlan=2,actions=strip_vlan,set_tunnel:0x3e9,output:gre-ac1f0002',
    ]);
  });

  it("are those of today's agent: goto_table, push and pop, a table for Geneve", async () => {
    const { bridges, protocol } = await rulesOf('vxlan', 'current');
    expect(protocol).toBe('OpenFlow13');
    expect(bridges.get('br-tun')).toEqual([
      'table=0,priority=1,in_port=patch-int,actions=goto_table:2',
      'table=0,priority=1,in_port=vxlan-ac1f0002,actions=goto_table:4',
      'table=0,priority=0,actions=drop',
      'table=2,priority=0,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,actions=goto_table:20',
      'table=2,priority=0,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=goto_table:22',
      'table=3,priority=0,actions=drop',
      'table=4,priority=0,actions=drop',
      'table=6,priority=0,actions=drop',
      `table=10,priority=1,actions=${learnt},output:patch-int`,
      'table=20,priority=0,actions=goto_table:22',
      'table=22,priority=0,actions=drop',
      'table=4,priority=1,tun_id=0x3e9,actions=push_vlan:0x8100,set_field:4098->vlan_vid,goto_table:10',
      'table=22,priority=1,dl_vlan=2,actions=pop_vlan,set_field:0x3e9->tun_id,output:vxlan-ac1f0002',
    ]);
  });

  it('are on the compute node the same, with its own local VLAN and the other way round', async () => {
    const { rack } = labPlan(await loadTopology('topologies/vxlan.yaml'));
    const flows = rack.compute?.rules.flows['br-tun']?.map(formatFlow);
    expect(flows).toContain('table=4,priority=1,tun_id=0x3e9,actions=mod_vlan_vid:1,resubmit(,10)');
    expect(flows).toContain('table=0,priority=1,in_port=vxlan-ac1f0001,actions=resubmit(,4)');
    expect(rack.compute?.bridges.flatMap(({ ports }) => ports)).toContainEqual(
      expect.objectContaining({ name: 'instance-1', tag: 1 }),
    );
  });
});

describe.each(['gre', 'vxlan', 'local'])('a network of type %s', (type) => {
  it('has no rule on br-int nor on the bridge of the wire but those that drop', async () => {
    const { bridges } = await rulesOf(type);
    expect(bridges.get('br-int')).toEqual([
      'table=0,priority=2,in_port=int-br-eth2,actions=drop',
      'table=0,priority=1,actions=NORMAL',
      'table=23,priority=0,actions=drop',
    ]);
    expect(bridges.get('br-eth2')).toEqual([
      'table=0,priority=2,in_port=phy-br-eth2,actions=drop',
      'table=0,priority=1,actions=NORMAL',
    ]);
    expect(bridges.has('br-tun')).toBe(type !== 'local');
  });
});

it('tunnels are told what Neutron tells them', async () => {
  const { devstack } = labPlan(await loadTopology('topologies/gre.yaml'));
  expect(devstack.bridges.find(({ name }) => name === 'br-tun')?.ports).toEqual([
    { name: 'patch-int', type: 'patch', peer: 'patch-tun' },
    {
      name: 'gre-ac1f0002',
      type: 'gre',
      options: {
        df_default: 'true',
        remote_ip: '172.31.0.2',
        local_ip: '172.31.0.1',
        in_key: 'flow',
        out_key: 'flow',
      },
    },
  ]);
});

it('networks on several wires have each the rules of its own bridge, and a switch of its own', async () => {
  const topology = await loadTopology('topologies/two-flats.yaml');
  const { bridges } = await rulesOf('two-flats');
  expect(bridges.get('br-int')).toContain(
    'table=0,priority=3,in_port=int-br-eth3,dl_vlan=0xffff,actions=mod_vlan_vid:3,NORMAL',
  );
  expect(bridges.get('br-eth2')?.filter((rule) => rule.includes('strip_vlan'))).toEqual([
    'table=0,priority=4,in_port=phy-br-eth2,dl_vlan=2,actions=strip_vlan,NORMAL',
  ]);
  expect(bridges.get('br-eth3')?.filter((rule) => rule.includes('strip_vlan'))).toEqual([
    'table=0,priority=4,in_port=phy-br-eth3,dl_vlan=3,actions=strip_vlan,NORMAL',
  ]);
  const { rack } = labPlan(topology);
  expect(rack.switches).toEqual([
    { name: 'tor', wire: 'eth2' },
    { name: 'tor-eth3', wire: 'eth3' },
  ]);
  expect(rack.ports.map(({ device, switch: name }) => `${device} on ${name}`)).toEqual([
    'red-1 on tor',
    'red-2 on tor',
    'blue-1 on tor-eth3',
    'blue-2 on tor-eth3',
  ]);
});

it('networks on one wire are told apart by their segments', async () => {
  const { bridges } = await rulesOf('two-vlans');
  expect(bridges.get('br-int')?.filter((rule) => rule.includes('mod_vlan_vid'))).toEqual([
    'table=0,priority=3,in_port=int-br-eth2,dl_vlan=1001,actions=mod_vlan_vid:2,NORMAL',
    'table=0,priority=3,in_port=int-br-eth2,dl_vlan=1002,actions=mod_vlan_vid:3,NORMAL',
  ]);
});
