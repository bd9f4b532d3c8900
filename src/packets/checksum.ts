import { uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { ipProtocols } from './ipv4.ts';

/**
 * What a checksum says: `offloaded` is the half-done sum that a capture sees before the network card finishes it;
 * `none`: the sender computed none (UDP over IPv4); `unknown`: the capture does not hold all the bytes.
 */
export type ChecksumState = 'good' | 'bad' | 'offloaded' | 'none' | 'unknown';

export interface Checksums {
  readonly ipv4?: ChecksumState;
  readonly udp?: ChecksumState;
  readonly tcp?: ChecksumState;
  readonly icmp?: ChecksumState;
  readonly icmpv6?: ChecksumState;
}

/** Verifies the checksums of a frame's outer IP packet and of what it carries (RFC 1071). */
export function verifyChecksums(d: Dissection): Checksums {
  if (d.ipVersion === 0) return {};
  const transport = verifyTransport(d);
  if (d.ipVersion === 6) return transport;
  return { ipv4: verifyHeader(d), ...transport };
}

function verifyHeader({ bytes, ipAt, ipEnd }: Dissection): ChecksumState {
  const end = ipAt + ((bytes[ipAt] as number) & 15) * 4;
  if (end > ipEnd) return 'unknown';
  if (folded(sum(bytes, ipAt, end)) === 0xffff) return 'good';
  return uint16(bytes, ipAt + 10) === 0 ? 'offloaded' : 'bad';
}

/** By IP protocol: where the checksum lies in the header, and under which name it is reported. */
export const transportChecksums: ReadonlyMap<
  number,
  { readonly name: Exclude<keyof Checksums, 'ipv4'>; readonly at: number }
> = new Map([
  [ipProtocols.udp, { name: 'udp', at: 6 }],
  [ipProtocols.tcp, { name: 'tcp', at: 16 }],
  [ipProtocols.icmp, { name: 'icmp', at: 2 }],
  [ipProtocols.icmpv6, { name: 'icmpv6', at: 2 }],
]);

function verifyTransport(d: Dissection): Checksums {
  const transport = transportChecksums.get(d.protocol);
  if (!transport || d.transportAt < 0) return {};
  return { [transport.name]: transportState(d, transport.at) };
}

function transportState(d: Dissection, fieldAt: number): ChecksumState {
  const { upper, transportAt: at, transportEnd: end } = d;
  if (!isComplete(d) || at + fieldAt + 2 > end) return 'unknown';
  const field = uint16(upper, at + fieldAt);
  if (field === 0 && d.protocol === ipProtocols.udp) return d.ipVersion === 4 ? 'none' : 'bad';
  const pseudo = d.protocol === ipProtocols.icmp ? 0 : pseudoHeader(d, end - at);
  if (folded(pseudo + sum(upper, at, end)) === 0xffff) return 'good';
  return field === folded(pseudo) && d.protocol !== ipProtocols.icmp ? 'offloaded' : 'bad';
}

/** Whether the transport layer's bytes are all there. */
function isComplete(d: Dissection): boolean {
  const { upper, transportAt: at, transportEnd: end } = d;
  if (d.protocol === ipProtocols.udp) return end - at >= uint16(upper, at + 4);
  if (d.reassembled) return true;
  const { bytes, ipAt } = d;
  const length = d.ipVersion === 4 ? uint16(bytes, ipAt + 2) : 40 + uint16(bytes, ipAt + 4);
  return d.ipEnd - ipAt >= length;
}

/** Sum of the pseudo header: addresses, protocol, length (RFC 9293 3.1, RFC 8200 8.1). */
function pseudoHeader(d: Dissection, length: number): number {
  return addresses(d) + d.protocol + (length >>> 16) + (length & 0xffff);
}

/** An IPv6 packet's sum has its final destination, wherever it is on its way to. */
function addresses({ bytes, ipAt, ipVersion, finalDestinationAt }: Dissection): number {
  if (ipVersion === 4) return sum(bytes, ipAt + 12, ipAt + 20);
  const destination = finalDestinationAt < 0 ? ipAt + 24 : finalDestinationAt;
  return sum(bytes, ipAt + 8, ipAt + 24) + sum(bytes, destination, destination + 16);
}

/** Sum of the big-endian 16-bit words; an odd byte at the end counts as if a zero followed. */
function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  let at = start;
  for (; at + 1 < end; at += 2) total += uint16(bytes, at);
  return at < end ? total + ((bytes[at] as number) << 8) : total;
}

/** One's complement sum: carries are added in again. */
function folded(total: number): number {
  let rest = total;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}
