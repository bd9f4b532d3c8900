import { uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

export const vxlanPort = 4789;

/** A GRE header (RFC 2784, RFC 2890). */
export interface Gre {
  /** EtherType of the payload; 0x6558 is an Ethernet frame. */
  readonly protocol: number;
  readonly key?: number;
  readonly seq?: number;
}

/** A VXLAN header (RFC 7348). */
export interface Vxlan {
  readonly vni: number;
}

const greFlags = { checksum: 0x8000, routing: 0x4000, key: 0x2000, seq: 0x1000, version: 7 } as const;

/** Moves to the payload of a GRE packet; false when there is none that could be decoded. */
export function dissectGre(d: Dissection): boolean {
  const { upper, at } = d;
  if (d.end - at < 4) return d.fail('gre: the header is cut short');
  d.greAt = at;
  const flags = uint16(upper, at);
  if (flags & greFlags.version) return d.fail('gre: the version is not 0');
  if (flags & greFlags.routing) return d.fail('gre: source routing is not decoded');
  d.at = at + greLength(flags);
  if (d.at > d.end) {
    d.greAt = -1;
    return d.fail('gre: the header is cut short');
  }
  return true;
}

function greLength(flags: number): number {
  return (
    4 + (flags & greFlags.checksum ? 4 : 0) + (flags & greFlags.key ? 4 : 0) + (flags & greFlags.seq ? 4 : 0)
  );
}

export function readGre({ upper, greAt: at }: Dissection): Gre {
  const flags = uint16(upper, at);
  const protocol = uint16(upper, at + 2);
  if (flags & (greFlags.version | greFlags.routing)) return { protocol };
  let field = at + 4 + (flags & greFlags.checksum ? 4 : 0);
  const next = () => {
    field += 4;
    return uint32(upper, field - 4);
  };
  return {
    protocol,
    ...(flags & greFlags.key ? { key: next() } : {}),
    ...(flags & greFlags.seq ? { seq: next() } : {}),
  };
}

export function dissectVxlan(d: Dissection): boolean {
  if (d.payloadEnd - d.payloadAt < 8) return d.fail('vxlan: the header is cut short');
  d.vxlanAt = d.payloadAt;
  d.at = d.payloadAt + 8;
  d.end = d.payloadEnd;
  return true;
}

export function readVxlan({ upper, vxlanAt: at }: Dissection): Vxlan {
  return { vni: uint32(upper, at + 4) >>> 8 };
}
