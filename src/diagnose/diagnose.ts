import { atCrossing, hasNic, physicalBridges } from './crossing.ts';
import { atDhcpServer } from './dhcp-server.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Survey } from './survey.ts';
import { atTranslation } from './translation.ts';
import { integrationBridge, type Watched } from './watch.ts';
import { tagged } from './words.ts';

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
