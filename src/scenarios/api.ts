/**
 * What a scenario file imports from `baremetal-lab`.
 *
 * A scenario is one story: what is tried on a lab, and what must be seen. It declares an outcome for each topology it
 * runs on; it passes on a topology when it ends with that outcome and every claim it states holds.
 */
import type { Settings } from '../topology/with-settings.ts';
import type { ScenarioRun } from './scenario-run.ts';

export type { Claimable, FrameReference } from '../evidence/claim.ts';
export type { Evidence } from '../evidence/evidence.ts';
export type { FrameTest } from '../evidence/frames.ts';
export {
  allOf,
  arpReplyFrom,
  arpRequestFor,
  dhcp,
  fromIp,
  fromMac,
  icmpEcho,
  isUnicast,
  tftpData,
  tftpRequest,
  toIp,
  udpChecksum,
} from '../evidence/frames.ts';
export type { SeenFrame } from '../evidence/journey.ts';
export type { JourneyStory, TagAt } from '../evidence/journey-story.ts';
export { bootOptions } from '../ironic/pxe/dhcp-options.ts';
export type { Fate, LinkDirection } from '../links/fate.ts';
export type { LinkCounts } from '../links/queue.ts';
export type { LinkState } from '../links/relay-protocol.ts';
export type { DhcpOption } from '../neutron/dhcp-agent.ts';
export type { LinkFaults } from '../topology/schema.ts';
export type { Settings } from '../topology/with-settings.ts';
export { type Bmc, type BmcReply, bmcFacts } from './bmc.ts';
export { dhcpAtOnce } from './dhcp-at-once.ts';
export type { DhcpClient, Lease } from './dhcp-client.ts';
export { type DhcpServer, noProxyDhcp } from './dhcp-server.ts';
export type { Faults, Mend } from './faults.ts';
export type { Link } from './link.ts';
export type { Machine } from './machine.ts';
export type { NamedPoints } from './points.ts';
export type { Provisioned, Provisioning, ProvisionOptions } from './provisioning.ts';
export {
  claimNextDeployment,
  countAt,
  dhcpOptions,
  failedWithin,
  httpRange,
  httpRequest,
  inOrder,
  iscsiLogin,
  lastErrorSays,
  saidInOrder,
  scsiWrite,
  seenAt,
} from './provisioning-claims.ts';
export type { NetworkView, Router, ScenarioRun, ServerWithBmc } from './scenario-run.ts';
export type { Segment } from './segment.ts';
export type { StandIn } from './stand-in.ts';
export type { TftpServer } from './tftp-server.ts';
export type { VirtualSwitch } from './virtual-switch.ts';

/** What a run of a scenario takes of the machine. */
export interface Weight {
  /** Memory of its lab with all VMs that it powers on, in MiB. Default 150, with the tag `provisioning` 900. */
  readonly memory?: number;
  /** How long it takes on an idle machine with two cores, in s. Default 4, with the tag `provisioning` 90. */
  readonly seconds?: number;
}

export interface Scenario<Outcome extends string = string> {
  /** One line, for lists and headings. */
  readonly title: string;
  /** What a reader learns from it, in two or three sentences. */
  readonly teaches: string;
  /** The outcome that is right, by topology: its name, or the type of its first network. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Settings that every topology it runs on gets, whatever its file says, written as in a file. */
  readonly with?: Settings;
  /** Words by which a suite takes scenarios in or leaves them out. `provisioning`: it deploys nodes. */
  readonly tags?: readonly string[];
  /** What a run takes, where that is not what its tags say; a suite plans with it. */
  readonly weight?: Weight;
  /** Acts on the lab, states claims about what was captured, and answers the outcome that was observed. */
  run(run: ScenarioRun): Promise<Outcome>;
}

/** Declares a scenario; the default export of a scenario file. */
export function scenario<const Outcome extends string>(definition: Scenario<Outcome>): Scenario<Outcome> {
  return definition;
}
