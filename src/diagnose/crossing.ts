import type { Diagnosis } from './diagnosis.ts';
import { portOf, type Survey, type SurveyedBridge } from './survey.ts';
import { networkOf } from './translation.ts';
import { integrationBridge } from './watch.ts';

/** Whether any NIC is a port of a bridge. */
export function hasNic(survey: Survey, bridge: string): boolean {
  return survey.nics.some((nic) => nic.bridge === bridge);
}

/** The bridges that a patch or veth joins to br-int. */
export function physicalBridges(survey: Survey): SurveyedBridge[] {
  return survey.bridges.filter(({ ports }) => ports.some(({ name }) => name.startsWith('phy-')));
}

/** The two ports by which frames go between a physical bridge and br-int. */
function crossingOf(survey: Survey, physical: SurveyedBridge) {
  const phy = physical.ports.find(({ name }) => name === `phy-${physical.name}`);
  const int = portOf(survey, `int-${physical.name}`);
  return { phy, int };
}

/** What keeps a frame that is in a physical bridge from br-int: a missing end, a wrong peer, a mapping to another bridge. */
export function atCrossing(
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
