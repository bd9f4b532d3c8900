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
}

const extensionHeaders = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destination: 60,
} as const;

export function dissectIpv6(d: Dissection): boolean {
  const { bytes, at } = d;
  if (d.end - at < 40) return d.fail('ipv6: the header is cut short');
  if ((bytes[at] as number) >> 4 !== 6) return d.fail('ipv6: the version is not 6');
  d.ipVersion = 6;
  d.ipAt = at;
  d.protocol = bytes[at + 6] as number;
  const length = uint16(bytes, at + 4) || d.end - at - 40;
  if (at + 40 + length > d.end) {
    d.fail(
      d.cut ? 'ipv6: the packet is cut short by the capture' : 'ipv6: the payload length exceeds the frame',
    );
  } else {
    d.end = at + 40 + length;
  }
  d.ipEnd = d.end;
  d.at = at + 40;
  return skipExtensions(d);
}

function skipExtensions(d: Dissection): boolean {
  const { bytes } = d;
  for (;;) {
    let length: number;
    switch (d.protocol) {
      case extensionHeaders.hopByHop:
      case extensionHeaders.routing:
      case extensionHeaders.destination:
        length = d.end - d.at < 8 ? 8 : 8 + 8 * (bytes[d.at + 1] as number);
        break;
      case extensionHeaders.authentication:
        length = d.end - d.at < 8 ? 8 : 8 + 4 * (bytes[d.at + 1] as number);
        break;
      case extensionHeaders.fragment: {
        length = 8;
        if (d.end - d.at < 8) break;
        const fragment = uint16(bytes, d.at + 2);
        d.fragmentOffset = fragment & 0xfff8;
        d.moreFragments = (fragment & 1) !== 0;
        break;
      }
      default:
        return true;
    }
    if (d.end - d.at < length) return d.fail('ipv6: an extension header is cut short');
    d.protocol = bytes[d.at] as number;
    d.at += length;
    if (d.fragmentOffset > 0) return true;
  }
}

export function readIpv6({ bytes, ipAt: at, protocol }: Dissection): Ipv6 {
  const first = uint32(bytes, at);
  return {
    src: ipv6At(bytes, at + 8),
    dst: ipv6At(bytes, at + 24),
    hopLimit: bytes[at + 7] as number,
    protocol,
    payloadLength: uint16(bytes, at + 4),
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
  };
}
