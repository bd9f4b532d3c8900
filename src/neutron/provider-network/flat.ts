import { type Crossing, currentTables, type RuleStyle, type TranslationRules, taggedVid } from './rules.ts';

/** How ovs-fields(7) writes "no VLAN header". */
const untagged = 'dl_vlan=0xffff';

/**
 * The rules of a flat provider network: untagged on the wire, the local VLAN inside. A frame that comes tagged
 * from the wire matches none of them. Sources as for a VLAN network.
 */
export function flatRules(
  style: RuleStyle,
  { localVlan }: { readonly localVlan: number },
  { intPort, phyPort, wire }: Crossing,
): TranslationRules {
  switch (style) {
    case 'juno':
      return {
        tunnel: [],
        integration: [
          {
            table: 0,
            priority: 3,
            match: `in_port=${intPort},${untagged}`,
            actions: `mod_vlan_vid:${localVlan},NORMAL`,
          },
        ],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${phyPort},dl_vlan=${localVlan}`,
            actions: 'strip_vlan,NORMAL',
          },
        ],
      };
    case 'current':
      return {
        tunnel: [],
        integration: [
          {
            table: 0,
            priority: 3,
            match: `in_port=${intPort},vlan_tci=0x0000/0x1fff`,
            actions: `push_vlan:0x8100,set_field:${taggedVid(localVlan)}->vlan_vid,goto_table:${currentTables.transient}`,
          },
        ],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${phyPort},dl_vlan=${localVlan}`,
            actions: 'pop_vlan,NORMAL',
          },
        ],
      };
    case 'article':
      return {
        tunnel: [],
        integration: [{ table: 0, priority: 3, match: `dl_vlan=${localVlan}`, actions: 'strip_vlan,NORMAL' }],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${wire},${untagged}`,
            actions: `mod_vlan_vid:${localVlan},NORMAL`,
          },
        ],
      };
  }
}
