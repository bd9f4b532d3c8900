import type { CountedFlow } from '../ovs/flow.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { DhcpSighting } from './sighting.ts';
import { portOf, type Survey, type SurveyedBridge, type SurveyedDhcp } from './survey.ts';
import { integrationBridge } from './watch.ts';
import { ruleText } from './words.ts';

/** The tag of a port that Neutron's agent could not bind (ovs_neutron_agent.py, DEAD_VLAN_TAG). */
export const deadVlan = 4095;

/** A rule of br-int that gives frames from a physical bridge a local VLAN. */
export interface Translation {
  readonly flow: CountedFlow;
  readonly crossing: string;
  /** The VLAN on the wire; null for untagged frames. */
  readonly wire: number | null;
  readonly localVlan: number;
}

/** All of them. */
export function translationsOf(survey: Survey): Translation[] {
  const integration = survey.bridges.find(({ name }) => name === integrationBridge);
  return (integration?.flows ?? []).flatMap((flow): Translation[] => {
    const crossing = /in_port="?([^",]+)"?/.exec(flow.match)?.[1];
    const localVlan = localVlanOf(flow.actions);
    if (flow.table !== 0 || !crossing?.startsWith('int-') || localVlan === undefined) return [];
    const wire = /dl_vlan=(\d+)/.exec(flow.match)?.[1];
    if (wire !== undefined) return [{ flow, crossing, wire: Number(wire), localVlan }];
    return /vlan_tci=0x0000|dl_vlan=0xffff/.test(flow.match)
      ? [{ flow, crossing, wire: null, localVlan }]
      : [];
  });
}

/** The VLAN that actions give a frame, in OpenFlow 1.0's words or in 1.3's, where 0x1000 says that there is a tag. */
function localVlanOf(actions: string): number | undefined {
  const old = /mod_vlan_vid:(\d+)/.exec(actions)?.[1];
  if (old !== undefined) return Number(old);
  const now = /set_field:(\d+)->vlan_vid/.exec(actions)?.[1];
  return now === undefined ? undefined : Number(now) & 0xfff;
}

/** The network whose dnsmasq has a host entry for a MAC. */
export function networkOf(survey: Survey, mac: string): SurveyedDhcp | undefined {
  return survey.dhcp.find(({ hosts }) => hosts?.some((host) => host.mac === mac));
}

/** The local VLAN of a network: the tag of its DHCP port, unless that is dead. */
export function localVlanOfNetwork(survey: Survey, network: SurveyedDhcp | undefined): number | undefined {
  const tag = network?.tap ? portOf(survey, network.tap)?.tag : undefined;
  return tag === null || tag === deadVlan ? undefined : tag;
}

/** What keeps a frame that comes to br-int from getting the network's local VLAN: a rule that is missing, or for other tags. */
export function atTranslation(
  survey: Survey,
  physical: SurveyedBridge,
  arrival: DhcpSighting,
  came: string,
  mac: string,
): Diagnosis | undefined {
  const crossing = `int-${physical.name}`;
  const all = translationsOf(survey);
  const wanted = localVlanOfNetwork(survey, networkOf(survey, mac));
  const ofNetwork = wanted === undefined ? all : all.filter(({ localVlan }) => localVlan === wanted);
  const here = ofNetwork.filter((it) => it.crossing === crossing);
  if (here.some(({ wire }) => wire === arrival.vlan)) return undefined;
  const drop = dropRule(survey, crossing);
  const dropped = drop
    ? `, and the rule "${ruleText(drop)}" of ${integrationBridge} drops it (${drop.packets} frames so far)`
    : `, and no rule of ${integrationBridge} takes it`;
  const elsewhere = ofNetwork.find((it) => it.crossing !== crossing);
  if (here.length === 0 && elsewhere && wanted !== undefined) {
    return {
      cause: 'bridge-mapping',
      text:
        `${came}, which is in ${physical.name}. But ${integrationBridge} gives local VLAN ${wanted} only to what comes by ` +
        `${elsewhere.crossing}${dropped}: bridge_mappings name the wrong bridge. Map the physical network to ${physical.name}.`,
    };
  }
  const vlan = here.find(({ wire }) => wire !== null);
  if (arrival.vlan === null && vlan) {
    return {
      cause: 'untagged-on-vlan',
      text:
        `${came}. But the network is a VLAN network: ${integrationBridge} gives local VLAN ${vlan.localVlan} only to frames ` +
        `tagged with segment ${vlan.wire}${dropped}. A server knows no segment id: make the network flat, or let the switch ` +
        `port tag its frames with ${vlan.wire}.`,
    };
  }
  if (arrival.vlan === null) {
    return {
      cause: 'flat-rule-missing',
      text:
        `${came}. But ${integrationBridge} has no rule that gives untagged frames from ${crossing} a local VLAN` +
        `${wanted === undefined ? '' : ` (${wanted})`}${dropped}. The rule of the flat network is missing: restart the Open ` +
        'vSwitch agent, which installs it, and look whether it has bound the DHCP port.',
    };
  }
  if (vlan) {
    return {
      cause: 'segment-id',
      text:
        `${came}. But ${integrationBridge} gives local VLAN ${vlan.localVlan} to segment ${vlan.wire}, not to ${arrival.vlan}` +
        `${dropped}. The segmentation id of the network and the VLAN of the switch port differ: make them the same.`,
    };
  }
  return {
    cause: 'tagged-on-flat',
    text:
      `${came}. But the network is flat: ${integrationBridge} takes untagged frames only${dropped}. The switch port is a trunk ` +
      `or tags its frames: make VLAN ${arrival.vlan} its native VLAN, or make it an access port.`,
  };
}

/** The rule that drops what no translation takes. */
function dropRule(survey: Survey, crossing: string): CountedFlow | undefined {
  const integration = survey.bridges.find(({ name }) => name === integrationBridge);
  return integration?.flows.find(
    ({ match, actions }) => actions === 'drop' && match.replaceAll('"', '') === `in_port=${crossing}`,
  );
}
