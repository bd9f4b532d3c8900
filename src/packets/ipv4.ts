import { ipv4At, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** IP protocol numbers the decoders know. */
export const ipProtocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** An IPv4 header (RFC 791). */
export interface Ipv4 {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly ttl: number;
  readonly id: number;
  /** Bytes of header and payload. */
  readonly length: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes. */
  readonly fragmentOffset: number;
}

export function dissectIpv4(d: Dissection): boolean {
  const { bytes, at } = d;
  if (d.end - at < 20) return d.fail('ipv4: the header is cut short');
  if ((bytes[at] as number) >> 4 !== 4) return d.fail('ipv4: the version is not 4');
  d.ipVersion = 4;
  d.ipAt = at;
  d.protocol = bytes[at + 9] as number;
  const header = ((bytes[at] as number) & 15) * 4;
  if (header < 20) return d.fail('ipv4: the header length is less than 20');
  // 0 is what a capture sees of a segment that the network card will cut into packets (TSO).
  const length = uint16(bytes, at + 2) || d.end - at;
  if (length < header) return d.fail('ipv4: the total length is less than the header');
  if (at + length > d.end) {
    d.fail(
      d.cut ? 'ipv4: the packet is cut short by the capture' : 'ipv4: the total length exceeds the frame',
    );
  } else {
    d.end = at + length;
  }
  d.ipEnd = d.end;
  if (at + header > d.end) return d.fail('ipv4: the options are cut short');
  const fragment = uint16(bytes, at + 6);
  d.fragmentOffset = (fragment & 0x1fff) * 8;
  d.moreFragments = (fragment & 0x2000) !== 0;
  d.at = at + header;
  return true;
}

export function readIpv4({ bytes, ipAt: at }: Dissection): Ipv4 {
  const fragment = uint16(bytes, at + 6);
  return {
    src: ipv4At(bytes, at + 12),
    dst: ipv4At(bytes, at + 16),
    protocol: bytes[at + 9] as number,
    ttl: bytes[at + 8] as number,
    id: uint16(bytes, at + 4),
    length: uint16(bytes, at + 2),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
  };
}
