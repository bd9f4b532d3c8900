import { ipv6At, uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** An IPv6 header and the chain behind it (RFC 8200). */
export interface Ipv6 {
  readonly src: string;
  readonly dst: string;
  readonly hopLimit: number;
  /** Protocol of the payload, after the extension headers. */
  readonly protocol: number;
  readonly payloadLength: number;
  readonly trafficClass: number;
  readonly flowLabel: number;
  /** Protocol numbers of the extension headers, in order. */
  readonly extensions?: readonly number[];
  /** Set in a fragment; offset in bytes. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
  /** This fragment completed a datagram: the layers above are the datagram's. */
  readonly reassembled?: true;
}

const headers = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  none: 59,
  destination: 60,
  mobility: 135,
} as const;

export function dissectIpv6(d: Dissection): boolean {
  const { bytes, at } = d;
  if (d.end - at < 40) return d.fail('ipv6: the header is cut short');
  if ((bytes[at] as number) >> 4 !== 6) return d.fail('ipv6: the version is not 6');
  d.ipVersion = 6;
  d.ipAt = at;
  d.protocol = bytes[at + 6] as number;
  // 0 means a jumbogram, or a segment that the network card will cut into packets; or that there is nothing.
  const length = uint16(bytes, at + 4) || (d.protocol === headers.none ? 0 : d.end - at - 40);
  if (at + 40 + length > d.end) {
    d.missing = Math.min(d.cut, at + 40 + length - d.end);
    d.fail(
      d.missing > 0
        ? 'ipv6: the packet is cut short by the capture'
        : 'ipv6: the payload length exceeds the frame',
    );
  } else {
    d.end = at + 40 + length;
  }
  d.ipEnd = d.end;
  d.at = at + 40;
  return skipExtensions(d);
}

/** Moves behind the extension headers that follow the IPv6 header, or to the data of a fragment. */
function skipExtensions(d: Dissection): boolean {
  for (;;) {
    const length = extensionLength(d.protocol, d.bytes, d.at);
    if (length === 0) return true;
    // The length lies in the second byte: NaN when even that is missing.
    if (!(d.end - d.at >= length)) return d.fail('ipv6: an extension header is cut short');
    if (d.protocol === headers.routing) d.finalDestinationAt = finalDestination(d.bytes, d.at, length);
    const isFragment = d.protocol === headers.fragment;
    if (isFragment) {
      const fragment = uint16(d.bytes, d.at + 2);
      d.fragmentOffset = fragment & 0xfff8;
      d.moreFragments = (fragment & 1) !== 0;
      d.fragmentId = uint32(d.bytes, d.at + 4);
    }
    d.protocol = d.bytes[d.at] as number;
    d.at += length;
    if (isFragment && (d.fragmentOffset > 0 || d.moreFragments)) return true;
  }
}

const routingTypes = { source: 0, mobile: 2, segment: 4 } as const;

/** Where a routing header holds the last address of the route; -1 when the packet has come that far (RFC 8200 4.4). */
function finalDestination(bytes: Uint8Array, at: number, length: number): number {
  const segmentsLeft = bytes[at + 3] as number;
  if (segmentsLeft === 0 || length < 24) return -1;
  switch (bytes[at + 2]) {
    case routingTypes.source:
      return at + length - 16;
    case routingTypes.mobile:
    case routingTypes.segment:
      return at + 8;
    default:
      return -1;
  }
}

/** Bytes of the extension header of this protocol number at `at`; 0 when it is none (RFC 8200 4, RFC 4302). */
function extensionLength(protocol: number, bytes: Uint8Array, at: number): number {
  switch (protocol) {
    case headers.hopByHop:
    case headers.routing:
    case headers.destination:
    case headers.mobility:
      return 8 + 8 * (bytes[at + 1] as number);
    case headers.authentication:
      return 8 + 4 * (bytes[at + 1] as number);
    case headers.fragment:
      return 8;
    default:
      return 0;
  }
}

export function readIpv6(d: Dissection): Ipv6 {
  const { bytes, ipAt: at } = d;
  const first = uint32(bytes, at);
  const extensions = readExtensions(bytes, bytes[at + 6] as number, at + 40, d.ipEnd);
  const isFragment = d.fragmentOffset > 0 || d.moreFragments;
  return {
    src: ipv6At(bytes, at + 8),
    dst: ipv6At(bytes, at + 24),
    hopLimit: bytes[at + 7] as number,
    protocol: d.protocol,
    payloadLength: uint16(bytes, at + 4),
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    ...(extensions.length > 0 ? { extensions } : {}),
    ...(isFragment
      ? { fragment: { id: d.fragmentId, offset: d.fragmentOffset, more: d.moreFragments } }
      : {}),
    ...(d.reassembled ? { reassembled: true } : {}),
  };
}

function readExtensions(bytes: Uint8Array, first: number, start: number, end: number): number[] {
  const found: number[] = [];
  let protocol = first;
  for (let at = start; at + 1 < end; ) {
    const length = extensionLength(protocol, bytes, at);
    if (length === 0 || at + length > end) break;
    found.push(protocol);
    const isLaterFragment = protocol === headers.fragment && (uint16(bytes, at + 2) & 0xfff8) > 0;
    protocol = bytes[at] as number;
    at += length;
    if (isLaterFragment) break;
  }
  return found;
}
