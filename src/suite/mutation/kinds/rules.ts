import { ruleThing } from '../../../lab/deviations/things.ts';
import { runIn } from '../../../linux/host.ts';
import type { Flow } from '../../../ovs/flow.ts';
import { replaceFlows } from '../../../ovs/openflow.ts';
import type { MutationKind } from '../mutation.ts';

/** Each OpenFlow rule: removed, and with other actions. */
export const rules: MutationKind = {
  name: 'rule',
  noticedBy: [
    'segment-translation',
    'every-machine-is-known',
    'other-vlans-stay-inside',
    'dhcp-from-physical',
    'dhcp-from-physical-tagged',
  ],
  mutants: ({ devstack }) =>
    Object.entries(devstack.rules.flows).flatMap(([bridge, flows]) =>
      flows.flatMap((flow, index) => {
        const others = flows.toSpliced(index, 1);
        const spoilt = { ...flow, actions: spoiltActions(flow.actions) };
        return [
          { change: 'removed', without: others },
          { change: `actions=${spoilt.actions} instead of ${flow.actions}`, without: [...others, spoilt] },
        ].map(({ change, without }) => ({
          mutation: { kind: 'rule', thing: ruleThing(bridge, flow), change },
          apply: ({ devstack: host }) => replaceFlows(host, bridge, without),
          undo: async ({ devstack: host }) => {
            await replaceFlows(host, bridge, flows);
            await runIn(host, ['ovs-appctl', 'fdb/flush']);
          },
        }));
      }),
    ),
};

/** Other actions than a rule's that Open vSwitch takes: another VLAN, another table, dropped where it forwards. */
export function spoiltActions(actions: string): Flow['actions'] {
  if (actions === 'drop') return 'NORMAL';
  const vlan = /(mod_vlan_vid:|set_field:)(\d+)/;
  if (vlan.test(actions))
    return actions.replace(vlan, (_, word: string, id: string) => `${word}${Number(id) + 5}`);
  if (/^(strip_vlan|pop_vlan),/.test(actions)) return actions.replace(/^\w+,/, '');
  const tunnel = /(set_tunnel:)(0x[0-9a-f]+|\d+)/;
  if (tunnel.test(actions))
    return actions.replace(tunnel, (_, word: string, id: string) => `${word}${Number(id) + 5}`);
  return 'drop';
}
