import { uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** An ICMP (RFC 792) or ICMPv6 (RFC 4443) message. */
export interface Icmp {
  readonly type: number;
  readonly code: number;
  /** Identifier and sequence number of an echo. */
  readonly id?: number;
  readonly seq?: number;
}

const echoTypes: ReadonlySet<number> = new Set([0, 8, 128, 129]);

export function dissectIcmp(d: Dissection): boolean {
  if (d.end - d.at < 4) return d.fail('icmp: the header is cut short');
  d.transportAt = d.at;
  d.transportEnd = d.end;
  return true;
}

export function readIcmp({ upper, transportAt: at, transportEnd: end }: Dissection): Icmp {
  const type = upper[at] as number;
  const code = upper[at + 1] as number;
  if (!echoTypes.has(type) || end - at < 8) return { type, code };
  return { type, code, id: uint16(upper, at + 4), seq: uint16(upper, at + 6) };
}
