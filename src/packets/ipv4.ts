import { hexOf, ipv4At, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** IP protocol numbers the decoders know. */
export const ipProtocols = { icmp: 1, ipv4: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmpv6: 58 } as const;

/** An IPv4 header (RFC 791). */
export interface Ipv4 {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly ttl: number;
  readonly id: number;
  /** Bytes of header and payload. */
  readonly length: number;
  readonly headerLength: number;
  /** Type of service: DSCP and ECN. */
  readonly tos: number;
  readonly checksum: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes. */
  readonly fragmentOffset: number;
  /** This fragment completed a datagram: the layers above are the datagram's. */
  readonly reassembled?: true;
  readonly options?: readonly Ipv4Option[];
}

export interface Ipv4Option {
  readonly type: number;
  /** The option's data, in lower-case hexadecimal. */
  readonly hex: string;
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
    d.missing = Math.min(d.cut, at + length - d.end);
    d.fail(
      d.missing > 0
        ? 'ipv4: the packet is cut short by the capture'
        : 'ipv4: the total length exceeds the frame',
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

export function readIpv4(d: Dissection): Ipv4 {
  const { bytes, ipAt: at } = d;
  const fragment = uint16(bytes, at + 6);
  const headerLength = ((bytes[at] as number) & 15) * 4;
  const header = {
    src: ipv4At(bytes, at + 12),
    dst: ipv4At(bytes, at + 16),
    protocol: bytes[at + 9] as number,
    ttl: bytes[at + 8] as number,
    id: uint16(bytes, at + 4),
    length: uint16(bytes, at + 2),
    headerLength,
    tos: bytes[at + 1] as number,
    checksum: uint16(bytes, at + 10),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
  };
  if (headerLength === 20 && !d.reassembled) return header;
  const options = readOptions(bytes, at + 20, Math.min(at + headerLength, d.ipEnd));
  return {
    ...header,
    ...(d.reassembled ? { reassembled: true } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}

function readOptions(bytes: Uint8Array, start: number, end: number): Ipv4Option[] {
  const options: Ipv4Option[] = [];
  for (let at = start; at < end && bytes[at] !== 0; ) {
    const type = bytes[at] as number;
    // No-operation is a lone byte; every other option has a length that counts its two header bytes.
    const length = type === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (length < 1 || (type !== 1 && length < 2) || at + length > end) break;
    options.push({ type, hex: hexOf(bytes, at + 2, at + length) });
    at += length;
  }
  return options;
}
