import type { LinkFaults } from '../topology/schema.ts';
import type { LinkDirection } from './fate.ts';
import type { LinkCounts } from './queue.ts';

/** One end of a link: a tap device, and where it is made. */
export interface RelayEnd {
  readonly device: string;
  /** The file of its network namespace, as the machine sees it. */
  readonly namespace: string;
}

/** A link whose frames pass through the relay. */
export interface RelayedLink {
  readonly name: string;
  readonly faults: LinkFaults;
  /** Towards devstack; of a server's cable, its switch port. */
  readonly near: RelayEnd;
  readonly far: RelayEnd;
}

/** What the relay is started with. */
export interface RelaySettings {
  readonly pidFile: string;
  /** The unix socket on which it takes requests, a line of JSON each, and answers each with a line. */
  readonly socket: string;
  readonly links: readonly RelayedLink[];
}

/** Asks for a link's state, after setting other faults if they are given. */
export interface RelayRequest {
  readonly link: string;
  readonly faults?: LinkFaults;
}

/** A link as it is, and what has passed since its faults were set. */
export interface LinkState extends Readonly<Record<LinkDirection, LinkCounts>> {
  readonly link: string;
  readonly faults: LinkFaults;
}

export type RelayAnswer = LinkState | { readonly error: string };
