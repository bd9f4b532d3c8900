import { isIP } from 'node:net';
import { type DecodedPacket, decode } from 'dns-packet';
import { messageOf } from '../errors.ts';
import { hexOf } from './addresses.ts';

/** DNS, multicast DNS (RFC 6762), LLMNR (RFC 4795). */
export const dnsPorts: readonly number[] = [53, 5353, 5355];

/** A DNS message (RFC 1035). */
export interface Dns {
  readonly id: number;
  readonly type: 'query' | 'response';
  readonly opcode: string;
  /** 'NOERROR', 'NXDOMAIN', ... */
  readonly rcode: string;
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl?: number;
  /** As dns-packet gives it, with bytes as hexadecimal (TXT: as text). */
  readonly data?: unknown;
}

/** Decodes a DNS message; a string is the reason why it could not be. */
export function readDns(bytes: Uint8Array): Dns | string {
  let packet: DecodedPacket;
  try {
    packet = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    return `dns: ${messageOf(error)}`;
  }
  const records = [packet.answers, packet.authorities, packet.additionals].flatMap((list) => list ?? []);
  // The library reads addresses beyond the end of the message.
  const isWhole = records.every((r) => (r.type !== 'A' && r.type !== 'AAAA') || isIP(r.data) > 0);
  if (!isWhole) return 'dns: an address is cut short';
  return {
    id: packet.id ?? 0,
    type: packet.type === 'response' ? 'response' : 'query',
    opcode: String((packet as { opcode?: unknown }).opcode),
    rcode: String((packet as { rcode?: unknown }).rcode),
    questions: (packet.questions ?? []).map(({ name, type }) => ({ name, type })),
    answers: (packet.answers ?? []).map(record),
    authorities: (packet.authorities ?? []).map(record),
    additionals: (packet.additionals ?? []).map(record),
  };
}

function record(answer: { name: string; type: string }): DnsRecord {
  const { name, type, ttl, data } = answer as { name: string; type: string; ttl?: unknown; data?: unknown };
  return {
    name,
    type,
    ...(typeof ttl === 'number' ? { ttl } : {}),
    ...(data === undefined ? {} : { data: plain(data, type === 'TXT') }),
  };
}

function plain(value: unknown, asText: boolean): unknown {
  if (value instanceof Uint8Array) return asText ? new TextDecoder().decode(value) : hexOf(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, asText));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, asText)]));
}
