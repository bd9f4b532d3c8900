import type { Flow } from '../../ovs/flow.ts';
import type { RuleStyle } from './rules.ts';

/** The kinds of tunnels between agents. */
export type TunnelType = 'gre' | 'vxlan';

/** A tunnel of br-tun, to one other agent. */
export interface TunnelPort {
  /** `gre-ac1f0002`: the type, and the other end's address in hexadecimal. */
  readonly name: string;
  readonly type: TunnelType;
}

/** br-tun's port towards br-int. */
export const tunnelPatch = { onIntegration: 'patch-tun', onTunnel: 'patch-int' } as const;

/** The tables of br-tun (neutron/plugins/openvswitch/common/constants.py). */
const tables = {
  patchToTunnel: 2,
  fromTunnel: { gre: 3, vxlan: 4, geneve: 6 },
  learn: 10,
  unicast: 20,
  flood: 22,
} as const;

/** What OpenFlow takes when a flow names no priority. Juno's agent makes the rules of table 22 with mod-flows, so. */
const defaultPriority = 32768;

/**
 * The rules of br-tun that do not depend on a network. What comes from br-int goes to the table for unicasts or to
 * that for the rest; what comes by a tunnel, to the table of its type. Table 10 learns who is behind which tunnel: for
 * each source it writes a rule into table 20.
 *
 * Sources: Neutron juno-eol, neutron/plugins/openvswitch/agent/ovs_neutron_agent.py, setup_tunnel_br and
 * setup_tunnel_port; today openvswitch/agent/openflow/native/br_tun.py. The article says nothing of tunnels.
 */
export function tunnelBase(style: RuleStyle, ports: readonly TunnelPort[]): Flow[] {
  const go = goTo(style);
  const isUnicast = 'dl_dst=00:00:00:00:00:00/01:00:00:00:00:00';
  const isGroup = 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00';
  const { gre, vxlan, geneve } = tables.fromTunnel;
  const learnt = [
    `table=${tables.unicast}`,
    'hard_timeout=300',
    'priority=1',
    'NXM_OF_VLAN_TCI[0..11]',
    'NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]',
    'load:0->NXM_OF_VLAN_TCI[]',
    'load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[]',
    'output:OXM_OF_IN_PORT[]',
  ];
  return [
    { table: 0, priority: 1, match: `in_port=${tunnelPatch.onTunnel}`, actions: go(tables.patchToTunnel) },
    ...ports.map(
      ({ name, type }): Flow => ({
        table: 0,
        priority: 1,
        match: `in_port=${name}`,
        actions: go(tables.fromTunnel[type]),
      }),
    ),
    { table: 0, priority: 0, match: '', actions: 'drop' },
    { table: tables.patchToTunnel, priority: 0, match: isUnicast, actions: go(tables.unicast) },
    { table: tables.patchToTunnel, priority: 0, match: isGroup, actions: go(tables.flood) },
    ...(style === 'current' ? [gre, vxlan, geneve] : [gre, vxlan]).map(
      (table): Flow => ({ table, priority: 0, match: '', actions: 'drop' }),
    ),
    {
      table: tables.learn,
      priority: 1,
      match: '',
      actions: `learn(${learnt.join(',')}),output:${tunnelPatch.onTunnel}`,
    },
    { table: tables.unicast, priority: 0, match: '', actions: go(tables.flood) },
    { table: tables.flood, priority: 0, match: '', actions: 'drop' },
  ];
}

/**
 * The rules of a tunnelled network in br-tun: broadcasts leave by all tunnels of its type, without a tag and with the
 * segmentation id as key; what arrives with that key is given the local VLAN.
 * Sources as for the base: provision_local_vlan, and install_flood_to_tun today.
 */
export function tunnelRules(
  style: RuleStyle,
  type: TunnelType,
  { localVlan, segmentationId }: { readonly localVlan: number; readonly segmentationId: number },
  ports: readonly TunnelPort[],
): Flow[] {
  const key = `0x${segmentationId.toString(16)}`;
  const [give, strip, setKey, priority] =
    style === 'current'
      ? [
          `push_vlan:0x8100,set_field:${0x1000 | localVlan}->vlan_vid`,
          'pop_vlan',
          `set_field:${key}->tun_id`,
          1,
        ]
      : [`mod_vlan_vid:${localVlan}`, 'strip_vlan', `set_tunnel:${key}`, defaultPriority];
  const outputs = ports.filter((port) => port.type === type).map(({ name }) => `output:${name}`);
  return [
    {
      table: tables.fromTunnel[type],
      priority: 1,
      match: `tun_id=${key}`,
      actions: `${give},${goTo(style)(tables.learn)}`,
    },
    {
      table: tables.flood,
      priority,
      match: `dl_vlan=${localVlan}`,
      actions: [strip, setKey, ...outputs].join(','),
    },
  ];
}

function goTo(style: RuleStyle): (table: number) => string {
  return (table) => (style === 'current' ? `goto_table:${table}` : `resubmit(,${table})`);
}
