import type { CountedFlow } from '../ovs/flow.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { DhcpSighting } from './sighting.ts';
import { portOf, type Survey, type SurveyedBridge, type SurveyedDhcp } from './survey.ts';
import { integrationBridge } from './watch.ts';

/** The tag of a port that Neutron's agent could not bind (ovs_neutron_agent.py, DEAD_VLAN_TAG). */
const deadVlan = 4095;

/** What was seen of a server, and where it was looked for. */
export interface Watched {
  readonly mac: string;
  readonly sightings: readonly DhcpSighting[];
  /** For how long at most, in s. */
  readonly seconds: number;
}

/**
 * Says where a server's DHCP dies and what is to blame. Everything it says follows from what was captured and from what
 * stands in Open vSwitch and in dnsmasq's files; the first hop at which the two do not agree is the culprit.
 */
export function diagnose(survey: Survey, watched: Watched): Diagnosis {
  const { mac, sightings } = watched;
  const requests = sightings.filter(({ type }) => type === 'DISCOVER' || type === 'REQUEST');
  const nicNames = new Set(survey.nics.map(({ name }) => name));
  const arrival = requests.find(({ at }) => nicNames.has(at));
  if (!arrival) return silent(survey, watched);
  const came = `The server ${mac} asks by DHCP: its ${arrival.type} arrives at ${arrival.at} ${tagged(arrival.vlan)}`;
  const nic = survey.nics.find(({ name }) => name === arrival.at);
  const physical = survey.bridges.find(({ name }) => name === nic?.bridge);
  if (!physical || physical.name === integrationBridge) return notInBridge(survey, came, arrival.at);
  return (
    atCrossing(survey, physical, came, mac) ??
    atTranslation(survey, physical, arrival, came, mac) ??
    atDhcpServer(survey, physical, watched, came)
  );
}

function silent(survey: Survey, { mac, seconds }: Watched): Diagnosis {
  const nics = survey.nics.filter(({ up }) => up).map(({ name }) => name);
  return {
    cause: 'silent',
    text:
      `No DHCP request of ${mac} came to ${nics.join(', ') || 'any NIC'} within ${seconds} s. ` +
      'The server does not ask, or its frames do not get here: look at its power, its boot order, the cable, and the ' +
      'VLAN of its switch port. Nothing on this machine can be to blame before a request arrives.',
  };
}

function notInBridge(survey: Survey, came: string, nic: string): Diagnosis {
  const mapped = Object.values(survey.mappings).filter((bridge) => !hasNic(survey, bridge));
  const bridge = mapped[0] ?? physicalBridges(survey).find(({ name }) => !hasNic(survey, name))?.name;
  return {
    cause: 'uplink-not-in-bridge',
    text:
      `${came}. But ${nic} is a port of no bridge, so that nobody takes the frame` +
      `${bridge ? `, and ${bridge} has no NIC` : ''}. Add it: ovs-vsctl add-port ${bridge ?? 'br-eth2'} ${nic}`,
  };
}

function hasNic(survey: Survey, bridge: string): boolean {
  return survey.nics.some((nic) => nic.bridge === bridge);
}

/** The bridges that a patch or veth joins to br-int. */
function physicalBridges(survey: Survey): SurveyedBridge[] {
  return survey.bridges.filter(({ ports }) => ports.some(({ name }) => name.startsWith('phy-')));
}

/** The two ports by which frames go between a physical bridge and br-int. */
function crossingOf(survey: Survey, physical: SurveyedBridge) {
  const phy = physical.ports.find(({ name }) => name === `phy-${physical.name}`);
  const int = portOf(survey, `int-${physical.name}`);
  return { phy, int };
}

function atCrossing(
  survey: Survey,
  physical: SurveyedBridge,
  came: string,
  mac: string,
): Diagnosis | undefined {
  const { phy, int } = crossingOf(survey, physical);
  const [phyName, intName] = [`phy-${physical.name}`, `int-${physical.name}`];
  const broken = (what: string) => ({
    cause: 'patch-peer-missing' as const,
    text:
      `${came} and is in ${physical.name}, but does not get to ${integrationBridge}: ${what}. ` +
      `Restore both ends (${phyName} in ${physical.name}, ${intName} in ${integrationBridge}, each the other's peer), or restart ` +
      'the Open vSwitch agent, which makes them.',
  });
  const mapped = Object.entries(survey.mappings);
  if (mapped.length > 0 && !mapped.some(([, bridge]) => bridge === physical.name)) {
    return wrongMapping(survey, physical, came, mac);
  }
  if (!phy && !int) return broken(`neither ${phyName} nor ${intName} is there`);
  if (!phy) return broken(`${phyName} is missing, the peer of ${intName}`);
  if (!int) return broken(`${intName} is missing, the peer of ${phyName}`);
  if (phy.type === 'patch' && phy.peer !== intName)
    return broken(`${phyName} names ${phy.peer ?? 'no'} as its peer`);
  if (int.type === 'patch' && int.peer !== phyName)
    return broken(`${intName} names ${int.peer ?? 'no'} as its peer`);
  const faulty = [phy, int].find(({ error }) => error !== null);
  return faulty ? broken(`Open vSwitch says of ${faulty.name}: ${faulty.error}`) : undefined;
}

function wrongMapping(survey: Survey, physical: SurveyedBridge, came: string, mac: string): Diagnosis {
  const mapped = Object.entries(survey.mappings).map(([network, bridge]) => `${network}:${bridge}`);
  const known = networkOf(survey, mac);
  return {
    cause: 'bridge-mapping',
    text:
      `${came}, which is in ${physical.name}. But the agent's bridge_mappings (${mapped.join(', ')}) do not name ` +
      `${physical.name}: ${known ? `network ${known.networkId}` : 'the network'} is looked for behind another bridge. ` +
      `Map the physical network to ${physical.name}, or put the NIC into the bridge that is mapped.`,
  };
}

/** A rule of br-int that gives frames from a physical bridge a local VLAN. */
interface Translation {
  readonly flow: CountedFlow;
  readonly crossing: string;
  /** The VLAN on the wire; null for untagged frames. */
  readonly wire: number | null;
  readonly localVlan: number;
}

function translationsOf(survey: Survey): Translation[] {
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
function networkOf(survey: Survey, mac: string): SurveyedDhcp | undefined {
  return survey.dhcp.find(({ hosts }) => hosts?.some((host) => host.mac === mac));
}

/** The local VLAN of a network: the tag of its DHCP port, unless that is dead. */
function localVlanOfNetwork(survey: Survey, network: SurveyedDhcp | undefined): number | undefined {
  const tag = network?.tap ? portOf(survey, network.tap)?.tag : undefined;
  return tag === null || tag === deadVlan ? undefined : tag;
}

function atTranslation(
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

function ruleText({ priority, match, actions }: CountedFlow): string {
  return `priority=${priority},${match} actions=${actions}`;
}

function atDhcpServer(
  survey: Survey,
  physical: SurveyedBridge,
  { mac, sightings }: Watched,
  came: string,
): Diagnosis {
  const through = translationsOf(survey).filter(({ crossing }) => crossing === `int-${physical.name}`);
  const known = networkOf(survey, mac);
  const localVlan = localVlanOfNetwork(survey, known) ?? through[0]?.localVlan;
  const inside = `${came} and is in ${integrationBridge} on local VLAN ${localVlan}`;
  const servers = survey.dhcp.filter(({ tap }) => tap !== null && portOf(survey, tap)?.tag === localVlan);
  const network = known ?? servers[0];
  const tag = network?.tap ? portOf(survey, network.tap)?.tag : undefined;
  if (network?.tap && tag === deadVlan) return deadPort(network.tap, came);
  const dead = survey.dhcp.find(({ tap }) => tap !== null && portOf(survey, tap)?.tag === deadVlan);
  if (!network && dead?.tap) return deadPort(dead.tap, came);
  if (!network?.tap) {
    return {
      cause: 'no-answer',
      text: `${inside}, but no DHCP namespace has a port there: Neutron's DHCP agent serves no network with that VLAN.`,
    };
  }
  const { tap } = network;
  const seenAt = (type: DhcpSighting['type'], at: string) =>
    sightings.find((it) => it.type === type && it.at === at);
  const request = seenAt('DISCOVER', tap) ?? seenAt('REQUEST', tap);
  if (!request) return lostBefore(survey, tap, tag ?? null, localVlan, inside);
  const got = `${came} and reaches dnsmasq's port ${tap} in ${network.namespace}`;
  if (request.badChecksum) {
    const remedy = `ethtool -K DEVICE tx off, on both ends of each veth on its way`;
    return offload(got, 'the request', 'so that the kernel drops it before dnsmasq', remedy);
  }
  if (!network.running) {
    return {
      cause: 'dnsmasq-stopped',
      text: `${got}. But no dnsmasq runs for network ${network.networkId}. Restart Neutron's DHCP agent, and look into its log.`,
    };
  }
  if (network.hosts && !network.hosts.some((host) => host.mac === mac)) {
    return {
      cause: 'unknown-mac',
      text:
        `${got}. But dnsmasq has no host entry for ${mac} in ${network.hostsFile}, and answers only those it knows (its range ` +
        'is static). Create a Neutron port with that MAC on the network, or correct the MAC of the Ironic port.',
    };
  }
  return answered(physical, survey, sightings, got, { tap, namespace: network.namespace });
}

function deadPort(tap: string, came: string): Diagnosis {
  return {
    cause: 'dead-port',
    text:
      `${came}. But dnsmasq's port ${tap} has tag ${deadVlan}, the dead VLAN: Neutron could not bind it, and its frames go ` +
      "nowhere. Look into the agents' logs for a failed binding, such as a physical network that no bridge_mappings name, then " +
      'restart the DHCP agent.',
  };
}

function lostBefore(
  survey: Survey,
  tap: string,
  tag: number | null,
  localVlan: number | undefined,
  inside: string,
): Diagnosis {
  if (tag !== localVlan) {
    return {
      cause: 'dhcp-port-tag',
      text: `${inside}, but dnsmasq's port ${tap} has tag ${tag ?? 'none'}. Give it the network's: ovs-vsctl set port ${tap} tag=${localVlan}`,
    };
  }
  const error = portOf(survey, tap)?.error;
  return {
    cause: 'dropped-on-the-way-in',
    text:
      `${inside}, but never comes to dnsmasq's port ${tap}${error ? `: Open vSwitch says: ${error}` : ''}. ` +
      'ovs-appctl ofproto/trace tells which rule it meets.',
  };
}

function offload(got: string, what: string, effect: string, remedy: string): Diagnosis {
  return {
    cause: 'checksum-offload',
    text:
      `${got}. But the UDP checksum of ${what} is wrong there, ${effect}: it was left to hardware that does not compute it. ` +
      `Turn checksum offload off where it was sent: ${remedy}`,
  };
}

function answered(
  physical: SurveyedBridge,
  survey: Survey,
  sightings: readonly DhcpSighting[],
  got: string,
  { tap, namespace }: { readonly tap: string; readonly namespace: string },
): Diagnosis {
  const offers = sightings.filter(({ type }) => type === 'OFFER' || type === 'ACK' || type === 'NAK');
  if (!offers.some(({ at }) => at === tap)) {
    return {
      cause: 'no-answer',
      text: `${got}, which runs and knows the server, but dnsmasq does not answer. Look into its log for the reason.`,
    };
  }
  const nicNames = new Set(
    survey.nics.filter(({ bridge }) => bridge === physical.name).map(({ name }) => name),
  );
  const out = offers.filter(({ at }) => nicNames.has(at));
  if (out.length === 0) {
    const rules = physical.flows.filter(({ match }) => match.includes(`phy-${physical.name}`));
    return {
      cause: 'dropped-on-the-way-back',
      text:
        `${got}, and dnsmasq answers, but the answer does not leave by ${[...nicNames].join(', ')}. ` +
        `The rules of ${physical.name} for what comes by phy-${physical.name} are: ` +
        `${rules.map((rule) => `"${ruleText(rule)}"`).join(', ') || 'none'}. The one that gives the local VLAN back to the wire is ` +
        'missing or wrong: restart the Open vSwitch agent, which installs it.',
    };
  }
  if (sightings.some(({ type, at }) => type === 'ACK' && nicNames.has(at))) {
    const [ack] = out.filter(({ type }) => type === 'ACK');
    return {
      cause: 'healthy',
      text: `${got}; dnsmasq answers, and its ACK leaves by ${ack?.at} ${tagged(ack?.vlan ?? null)}. The network does its part.`,
    };
  }
  if (out.some(({ badChecksum }) => badChecksum)) {
    return offload(
      `${got}, and the answer leaves by ${out[0]?.at}`,
      'the answer',
      'so that the server drops it',
      `ip netns exec ${namespace} ethtool -K ${tap} tx off`,
    );
  }
  return {
    cause: 'answer-ignored',
    text:
      `${got}; dnsmasq's ${out[0]?.type} leaves by ${out[0]?.at} ${tagged(out[0]?.vlan ?? null)}, but the server does not go on. ` +
      'The answer is lost behind this machine (the switch port lets frames in but not out), or the server takes another offer.',
  };
}

function tagged(vlan: number | null): string {
  return vlan === null ? 'untagged' : `with VLAN tag ${vlan}`;
}
