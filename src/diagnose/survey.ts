import type { CountedFlow } from '../ovs/flow.ts';
import type { ListedBridge } from '../ovs/list-bridges.ts';

export interface SurveyedBridge extends ListedBridge {
  readonly flows: readonly CountedFlow[];
}

/** A network device in the machine's own network namespace that may lead to a wire. */
export interface SurveyedNic {
  readonly name: string;
  /** The OVS bridge that it is a port of. */
  readonly bridge: string | null;
  readonly up: boolean;
  /** Whether it leaves the checksums of what it sends to hardware (`ethtool -k`, tx-checksumming). */
  readonly offloadsChecksums: boolean;
}

/** What Neutron's DHCP agent has made for a network. */
export interface SurveyedDhcp {
  readonly networkId: string;
  readonly namespace: string;
  /** dnsmasq's device in the namespace; null when there is none. */
  readonly tap: string | null;
  readonly running: boolean;
  /** The host entries; null when the file cannot be found. */
  readonly hosts: readonly { readonly mac: string; readonly ip: string }[] | null;
  readonly hostsFile: string | null;
}

/** A machine with Open vSwitch and Neutron's agents, as it was found. Nothing of it was changed. */
export interface Survey {
  readonly bridges: readonly SurveyedBridge[];
  readonly nics: readonly SurveyedNic[];
  readonly dhcp: readonly SurveyedDhcp[];
  /** Physical network -> bridge: what the agent is configured with, or was told on the command line. */
  readonly mappings: Readonly<Record<string, string>>;
}

/** The bridge that a port is on. */
export function bridgeOf(survey: Survey, port: string): SurveyedBridge | undefined {
  return survey.bridges.find(({ ports }) => ports.some(({ name }) => name === port));
}

export function portOf(survey: Survey, port: string): ListedBridge['ports'][number] | undefined {
  return survey.bridges.flatMap(({ ports }) => ports).find(({ name }) => name === port);
}
