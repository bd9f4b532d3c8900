import { ipv4At, ipv6At, macAt, uint16, uint32 } from '../addresses.ts';
import type { Dissection } from '../dissection.ts';
import { type Budget, Capped } from './capped.ts';
import type { Seen } from './seen.ts';

/** Who sent frames. */
export interface HostSummary {
  readonly mac: string;
  /** Told by ARP, or else seen as the source of IP packets, of which a router has many. */
  readonly addresses: readonly string[];
  /** Sent by it. */
  readonly frames: number;
  readonly bytes: number;
}

interface Host {
  readonly mac: string;
  frames: number;
  bytes: number;
  readonly claimed: Set<string>;
  readonly used: Set<string>;
  /** Of the packet seen last, to look up its text only when it changes. */
  lastAddress: number;
}

const mostAddresses = 16;

/** The two length fields of an ARP packet for IPv4 over Ethernet (RFC 826). */
const lengthsOfMacAndIpv4 = 0x0604;

/** The senders of Ethernet frames. */
export class Hosts {
  private readonly hosts: Capped<number, Host>;

  constructor(budget: Budget) {
    this.hosts = new Capped(budget);
  }

  add({ layers, length }: Seen): void {
    const { bytes, linkAt } = layers;
    const host = this.hosts.take(keyOf(bytes, linkAt + 6), () => ({
      mac: macAt(bytes, linkAt + 6),
      frames: 0,
      bytes: 0,
      claimed: new Set<string>(),
      used: new Set<string>(),
      lastAddress: 0,
    }));
    if (!host) return;
    host.frames++;
    host.bytes += length;
    if (layers.ipVersion !== 0) useAddress(host, layers.ipVersion, bytes, layers.ipAt);
  }

  /** Takes note of the sender of an ARP packet for IPv4 over Ethernet. */
  claim({ bytes, arpAt }: Dissection): void {
    if (uint16(bytes, arpAt + 4) !== lengthsOfMacAndIpv4) return;
    const host = this.hosts.get(keyOf(bytes, arpAt + 8));
    // A probe tells no address (RFC 5227).
    if (!host || uint32(bytes, arpAt + 14) === 0 || host.claimed.size >= mostAddresses) return;
    host.claimed.add(ipv4At(bytes, arpAt + 14));
  }

  results(): HostSummary[] {
    return this.hosts
      .values()
      .map(({ mac, frames, bytes, claimed, used }) => {
        return { mac, addresses: [...(claimed.size > 0 ? claimed : used)], frames, bytes };
      })
      .sort((a, b) => b.frames - a.frames);
  }

  get turnedAway(): number {
    return this.hosts.turnedAway;
  }
}

/** The MAC at `at` as a number. */
function keyOf(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 2 ** 32 + uint32(bytes, at + 2);
}

function useAddress(host: Host, version: number, bytes: Uint8Array, at: number): void {
  const key = version === 4 ? uint32(bytes, at + 12) : -1 - uint32(bytes, at + 20);
  // 0.0.0.0 has no lease yet.
  if (key === 0 || key === host.lastAddress || host.used.size >= mostAddresses) return;
  host.lastAddress = key;
  host.used.add(version === 4 ? ipv4At(bytes, at + 12) : ipv6At(bytes, at + 8));
}
