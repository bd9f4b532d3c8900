import { uint16, uint32 } from '../packets/addresses.ts';
import type { Dissection } from '../packets/dissection.ts';
import { linkTypes } from '../packets/frame.ts';
import { ipProtocols } from '../packets/ipv4.ts';
import { Hash, mixed } from './hash.ts';

/**
 * By what a frame is known wherever it is seen, as two hashes of 64 bits, each in two halves.
 *
 * `here` stands for all that stays the same in one Ethernet segment, through switches and VLAN translation: everything
 * but tags, padding, and the TCP or UDP checksum, which a sender may leave to "hardware" further on.
 * `routed` stands for what a router with SNAT leaves alone too: identification, lengths, protocol and what is carried,
 * but neither MACs nor time to live nor addresses nor ports.
 */
export class ContentKey {
  hereHigh = 0;
  hereLow = 0;
  /** 0 for what no router passes on. */
  routedHigh = 0;
  routedLow = 0;
  /** Time to live or hop limit; -1 without IP. */
  ttl = -1;
  /** Address and port at either end, as 32-bit hashes: SNAT leaves one of the two alone. MACs where there is no IP. */
  source = 0;
  destination = 0;
  /** Source port in the upper half, destination port in the lower; 0 without. */
  ports = 0;

  private readonly hash = new Hash();
  private readonly address = new Hash();

  /**
   * Takes the frame `[start, end)` that a dissection without memory of earlier ones has found the layers of. A frame in
   * a tunnel is known by itself, as it was before it went in and will be when it comes out.
   */
  take(outer: Dissection, outerStart: number, outerEnd: number): void {
    const { hash } = this;
    const d = tunnelled(outer);
    const [start, end] = d === outer ? [outerStart, outerEnd] : [d.start, d.frameEnd];
    this.routedHigh = 0;
    this.routedLow = 0;
    this.ttl = -1;
    this.source = 0;
    this.destination = 0;
    this.ports = 0;
    hash.begin();
    if (d.ipVersion === 4 && d.ipEnd >= 0) this.takeIpv4(d);
    else if (d.ipVersion === 6 && d.ipEnd >= 0) this.takeIpv6(d);
    else hash.bytes(d.bytes, networkAt(d, start), networkEnd(d, end));
    hash.word(d.etherType);
    if (d.linkType === linkTypes.ethernet) {
      hash.word(uint32(d.bytes, d.linkAt));
      hash.word(uint32(d.bytes, d.linkAt + 4));
      hash.word(uint32(d.bytes, d.linkAt + 8));
      if (this.ttl < 0) this.takeMacs(d);
    }
    this.hereHigh = hash.high;
    this.hereLow = hash.low;
  }

  /** Without IP the ends are those of the Ethernet header. */
  private takeMacs({ bytes, linkAt }: Dissection): void {
    this.source = mixed(uint32(bytes, linkAt + 8), uint16(bytes, linkAt + 6));
    this.destination = mixed(uint32(bytes, linkAt + 2), uint16(bytes, linkAt));
  }

  private takeIpv4(d: Dissection): void {
    const { hash } = this;
    const { bytes, ipAt } = d;
    const headerLength = ((bytes[ipAt] as number) & 15) * 4;
    hash.word(uint32(bytes, ipAt + 2));
    hash.word((uint16(bytes, ipAt + 6) << 16) | d.protocol);
    if (headerLength > 20) hash.bytes(bytes, ipAt + 20, Math.min(ipAt + headerLength, d.ipEnd));
    this.ttl = bytes[ipAt + 8] as number;
    const source = uint32(bytes, ipAt + 12);
    const destination = uint32(bytes, ipAt + 16);
    this.takeBody(d, ipAt + headerLength, source, destination);
    hash.word((uint16(bytes, ipAt) << 8) | this.ttl);
    hash.word(source);
    hash.word(destination);
  }

  private takeIpv6(d: Dissection): void {
    const { hash, address } = this;
    const { bytes, ipAt } = d;
    const bodyAt = d.transportAt < 0 ? ipAt + 40 : d.transportAt;
    hash.bytes(bytes, ipAt, ipAt + 7);
    hash.bytes(bytes, ipAt + 40, bodyAt);
    this.ttl = bytes[ipAt + 7] as number;
    address.begin();
    address.bytes(bytes, ipAt + 8, ipAt + 24);
    const source = address.high;
    address.begin();
    address.bytes(bytes, ipAt + 24, ipAt + 40);
    this.takeBody(d, bodyAt, source, address.high);
    hash.word(this.ttl);
    hash.bytes(bytes, ipAt + 8, ipAt + 40);
  }

  /** What an IP packet carries; notes `routed`, and goes on to what a router may change of it. */
  private takeBody(d: Dissection, bodyAt: number, source: number, destination: number): void {
    const { hash } = this;
    const { bytes, ipEnd } = d;
    let echo = 0;
    const protocol = d.transportAt < 0 ? -1 : d.protocol;
    if (protocol === ipProtocols.udp) {
      this.ports = uint32(bytes, bodyAt);
      hash.word(uint16(bytes, bodyAt + 4));
      hash.bytes(bytes, bodyAt + 8, ipEnd);
    } else if (protocol === ipProtocols.tcp) {
      this.ports = uint32(bytes, bodyAt);
      hash.bytes(bytes, bodyAt + 4, bodyAt + 16);
      hash.bytes(bytes, bodyAt + 18, ipEnd);
    } else if (protocol === ipProtocols.icmp) {
      // SNAT gives an echo another identifier, and with it another checksum.
      echo = uint32(bytes, bodyAt + 2);
      hash.word(uint16(bytes, bodyAt));
      hash.bytes(bytes, bodyAt + 6, ipEnd);
    } else {
      hash.bytes(bytes, bodyAt, ipEnd);
    }
    this.routedHigh = hash.high;
    this.routedLow = hash.low;
    hash.word(this.ports);
    hash.word(echo);
    this.source = mixed(source, this.ports >>> 16);
    this.destination = mixed(destination, this.ports & 0xffff);
  }
}

/** The innermost Ethernet frame in tunnels; the frame itself where it carries none. */
function tunnelled(d: Dissection): Dissection {
  const { inner } = d;
  if (!inner || inner.quoted || inner.linkType !== linkTypes.ethernet || inner.linkAt < 0) return d;
  return tunnelled(inner);
}

/** The first byte behind the link layer's header and its tags. */
function networkAt(d: Dissection, start: number): number {
  if (d.arpAt >= 0) return d.arpAt;
  if (d.vlanCount > 0) return d.vlanAt + 4 * d.vlanCount;
  return d.linkType === linkTypes.ethernet ? d.linkAt + 14 : start;
}

/** Where what is carried ends and padding begins, as far as it can be told. */
function networkEnd({ bytes, arpAt }: Dissection, end: number): number {
  if (arpAt < 0) return end;
  return Math.min(end, arpAt + 8 + 2 * (bytes[arpAt + 4] as number) + 2 * (bytes[arpAt + 5] as number));
}
