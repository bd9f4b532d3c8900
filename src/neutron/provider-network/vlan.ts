import { type Crossing, currentTables, type RuleStyle, type TranslationRules, taggedVid } from './rules.ts';

/**
 * The rules of a VLAN provider network: its segmentation id on the wire is the local VLAN inside.
 * Sources: Neutron juno-eol, neutron/plugins/openvswitch/agent/ovs_neutron_agent.py, provision_local_vlan;
 * today openvswitch/agent/openflow/native/br_int.py and br_phys.py.
 */
export function vlanRules(
  style: RuleStyle,
  segment: { readonly localVlan: number; readonly segmentationId: number },
  { intPort, phyPort, wire }: Crossing,
): TranslationRules {
  const { localVlan, segmentationId } = segment;
  switch (style) {
    case 'juno':
      return {
        tunnel: [],
        integration: [
          {
            table: 0,
            priority: 3,
            match: `in_port=${intPort},dl_vlan=${segmentationId}`,
            actions: `mod_vlan_vid:${localVlan},NORMAL`,
          },
        ],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${phyPort},dl_vlan=${localVlan}`,
            actions: `mod_vlan_vid:${segmentationId},NORMAL`,
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
            match: `in_port=${intPort},dl_vlan=${segmentationId}`,
            actions: `set_field:${taggedVid(localVlan)}->vlan_vid,goto_table:${currentTables.transient}`,
          },
        ],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${phyPort},dl_vlan=${localVlan}`,
            actions: `set_field:${taggedVid(segmentationId)}->vlan_vid,NORMAL`,
          },
        ],
      };
    case 'article':
      return {
        tunnel: [],
        integration: [
          {
            table: 0,
            priority: 3,
            match: `dl_vlan=${localVlan}`,
            actions: `mod_vlan_vid:${segmentationId},NORMAL`,
          },
        ],
        physical: [
          {
            table: 0,
            priority: 4,
            match: `in_port=${wire},dl_vlan=${segmentationId}`,
            actions: `mod_vlan_vid:${localVlan},NORMAL`,
          },
        ],
      };
  }
}
