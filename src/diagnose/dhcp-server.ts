import type { Diagnosis } from './diagnosis.ts';
import type { DhcpSighting } from './sighting.ts';
import { portOf, type Survey, type SurveyedBridge } from './survey.ts';
import { deadVlan, localVlanOfNetwork, networkOf, translationsOf } from './translation.ts';
import type { Watched } from './watch.ts';
import { integrationBridge } from './watch.ts';
import { ruleText, tagged } from './words.ts';

/** What becomes of a request that has its local VLAN: dnsmasq's port, its host entry, its answer, and the way back. */
export function atDhcpServer(
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
