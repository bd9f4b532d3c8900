import { uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** A TCP header (RFC 9293). */
export interface Tcp {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** Set flags, comma-separated, lowest bit last: 'SYN', 'ACK,PSH'. */
  readonly flags: string;
  readonly window: number;
  /** Bytes of payload on the wire. */
  readonly length: number;
}

const flagNames = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];
const flagTexts: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  flagNames.filter((_, bit) => flags & (0x80 >> bit)).join(','),
);

export function dissectTcp(d: Dissection): boolean {
  const { upper, at } = d;
  if (d.end - at >= 4) {
    d.srcPort = uint16(upper, at);
    d.dstPort = uint16(upper, at + 2);
  }
  if (d.end - at < 20) return d.fail('tcp: the header is cut short');
  d.transportAt = at;
  d.transportEnd = d.end;
  const header = ((upper[at + 12] as number) >> 4) * 4;
  if (header < 20) return d.fail('tcp: the header length is less than 20');
  if (at + header > d.end) return d.fail('tcp: the options are cut short');
  d.payloadAt = at + header;
  d.payloadEnd = d.end;
  return true;
}

export function readTcp(d: Dissection): Tcp {
  const { upper, transportAt: at } = d;
  return {
    srcPort: d.srcPort,
    dstPort: d.dstPort,
    seq: uint32(upper, at + 4),
    ack: uint32(upper, at + 8),
    flags: flagTexts[upper[at + 13] as number] as string,
    window: uint16(upper, at + 14),
    length: d.payloadAt < 0 ? 0 : d.payloadEnd - d.payloadAt + d.missing,
  };
}
