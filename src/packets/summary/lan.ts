import { ipv4At, ipv6At } from '../addresses.ts';
import { readArp } from '../arp.ts';
import { readDhcp } from '../dhcp.ts';
import { applications, type Dissection } from '../dissection.ts';
import { linkTypes } from '../frame.ts';
import { readTftp } from '../tftp.ts';
import { ArpClaims, type ArpConflict } from './arp-claims.ts';
import type { Budget } from './capped.ts';
import { ChecksumCounts, type ChecksumSummary } from './checksum-counts.ts';
import { type DhcpConversation, DhcpConversations } from './dhcp-conversations.ts';
import { type HostSummary, Hosts } from './hosts.ts';
import type { Seen } from './seen.ts';
import { type DatagramEnds, TftpLog, type TftpTransferSummary } from './tftp-log.ts';

/** What went on in one VLAN of one capture point, or in one tunnel. */
export interface LanSummary {
  /** Name of the pcapng interface. */
  readonly point?: string;
  /** 'vxlan 1001' or 'gre 7', for what was seen inside a tunnel. */
  readonly tunnel?: string;
  /** Ids of the VLAN tags, outermost first; empty for untagged frames. */
  readonly vlans: readonly number[];
  readonly frames: number;
  readonly bytes: number;
  readonly hosts: readonly HostSummary[];
  readonly dhcp: readonly DhcpConversation[];
  readonly tftp: readonly TftpTransferSummary[];
  readonly arpConflicts: readonly ArpConflict[];
  readonly checksums: ChecksumSummary;
  /** Frames that were captured twice, and the first of them. */
  readonly duplicates: { readonly frames: number; readonly first?: Duplicate };
  /** Frames that could not be decoded to their end, by reason. */
  readonly undecoded: readonly {
    readonly reason: string;
    readonly frames: number;
    readonly firstFrame: number;
  }[];
  /** Hosts and conversations were more than a summary keeps. */
  readonly incomplete: boolean;
}

export interface Duplicate {
  readonly frame: number;
  readonly again: number;
}

/** Which LAN a summary is of. */
export type LanName = Pick<LanSummary, 'point' | 'tunnel' | 'vlans'>;

const mostReasons = 64;

/** Watches the frames of one LAN. */
export class Lan {
  private readonly name: LanName;
  private frames = 0;
  private bytes = 0;
  private readonly hosts: Hosts;
  private readonly dhcp: DhcpConversations;
  private readonly tftp: TftpLog;
  private readonly arp: ArpClaims;
  private readonly checksums = new ChecksumCounts();
  private duplicates = 0;
  private firstDuplicate: Duplicate | undefined;
  private readonly undecoded = new Map<string, { frames: number; readonly firstFrame: number }>();

  /** @param budget shared by all LANs of a capture */
  constructor(name: LanName, budget: Budget) {
    this.name = name;
    this.hosts = new Hosts(budget);
    this.dhcp = new DhcpConversations(budget);
    this.tftp = new TftpLog(budget);
    this.arp = new ArpClaims(budget);
  }

  add(seen: Seen): void {
    const { layers, number, time } = seen;
    this.frames++;
    this.bytes += seen.length;
    if (layers.linkType === linkTypes.ethernet) this.hosts.add(seen);
    if (seen.again !== undefined) {
      this.duplicates++;
      this.firstDuplicate ??= { frame: seen.again, again: number };
    }
    this.checksums.add(seen);
    if (layers.arpAt >= 0) {
      this.arp.add(readArp(layers), number);
      if (layers.linkType === linkTypes.ethernet) this.hosts.claim(layers);
    }
    if (layers.application === applications.dhcp) this.dhcp.add(readDhcp(layers), number, time);
    if (layers.application === applications.tftp)
      this.tftp.add(readTftp(layers), endsOf(layers), number, time);
    if (layers.error !== '') this.reason(layers.error, number);
  }

  private reason(reason: string, number: number): void {
    const known = this.undecoded.get(reason);
    if (known) known.frames++;
    else if (this.undecoded.size < mostReasons) this.undecoded.set(reason, { frames: 1, firstFrame: number });
  }

  result(): LanSummary {
    const { hosts, dhcp, tftp } = this;
    return {
      ...this.name,
      frames: this.frames,
      bytes: this.bytes,
      hosts: hosts.results(),
      dhcp: dhcp.results(),
      tftp: tftp.results(),
      arpConflicts: this.arp.conflicts(),
      checksums: this.checksums.result(),
      duplicates: {
        frames: this.duplicates,
        ...(this.firstDuplicate ? { first: this.firstDuplicate } : {}),
      },
      undecoded: [...this.undecoded].map(([reason, counts]) => ({ reason, ...counts })),
      incomplete: hosts.turnedAway + dhcp.turnedAway + tftp.turnedAway > 0,
    };
  }
}

function endsOf({ bytes, ipAt: at, ipVersion, srcPort, dstPort }: Dissection): DatagramEnds {
  const address = (offset4: number, offset6: number) =>
    ipVersion === 4 ? ipv4At(bytes, at + offset4) : ipv6At(bytes, at + offset6);
  return { src: address(12, 8), srcPort, dst: address(16, 24), dstPort };
}
