import { uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** A UDP header (RFC 768). */
export interface Udp {
  readonly srcPort: number;
  readonly dstPort: number;
  /** Bytes of header and payload. */
  readonly length: number;
  /** 0 when the sender computed none. */
  readonly checksum: number;
}

export function dissectUdp(d: Dissection): boolean {
  const { upper, at } = d;
  if (d.end - at >= 4) {
    d.srcPort = uint16(upper, at);
    d.dstPort = uint16(upper, at + 2);
  }
  if (d.end - at < 8) return d.fail('udp: the header is cut short');
  d.transportAt = at;
  const length = uint16(upper, at + 4);
  if (length < 8) return d.fail('udp: the length is less than the header');
  if (at + length > d.end) d.fail('udp: the datagram is longer than its packet');
  // What the capture cut off was padding.
  else d.missing = 0;
  d.transportEnd = Math.min(d.end, at + length);
  d.payloadAt = at + 8;
  d.payloadEnd = d.transportEnd;
  return true;
}

export function readUdp({ upper, transportAt: at }: Dissection): Udp {
  return {
    srcPort: uint16(upper, at),
    dstPort: uint16(upper, at + 2),
    length: uint16(upper, at + 4),
    checksum: uint16(upper, at + 6),
  };
}
