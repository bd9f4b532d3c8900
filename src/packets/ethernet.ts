import { macAt, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { linkTypes } from './frame.ts';

/** EtherTypes the decoders know (IEEE 802 numbers). */
export const etherTypes = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  transparentBridging: 0x6558,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
} as const;

/** Smallest EtherType, and largest IEEE 802.3 length; what lies between means nothing. */
const smallestEtherType = 0x0600;
const largestLength = 1500;

export interface Ethernet {
  readonly src: string;
  readonly dst: string;
  /** The EtherType as it lies in the header: 0x8100 in a tagged frame. Absent in an 802.3 frame. */
  readonly type?: number;
  /** The length field of an 802.3 frame. */
  readonly length?: number;
}

/** A VLAN tag (IEEE 802.1Q 9.6). */
export interface VlanTag {
  /** 0-4095; 0 is a priority tag. */
  readonly id: number;
  /** Priority code point, 0-7. */
  readonly priority: number;
  /** Drop eligible indicator. */
  readonly dei: boolean;
  /** Tag protocol identifier: 0x8100, 0x88a8 or 0x9100. */
  readonly tpid: number;
  /** What follows the tag: an EtherType, the TPID of the next tag, or an 802.3 length. */
  readonly type: number;
}

/** The IEEE 802.2 header of an 802.3 frame. */
export interface Llc {
  readonly dsap: number;
  readonly ssap: number;
  readonly control: number;
  /** SNAP: organization code and protocol. */
  readonly oui?: number;
  readonly pid?: number;
}

export function dissectEthernet(d: Dissection): boolean {
  if (d.end - d.at < 14) return d.fail('ethernet: the header is cut short');
  d.linkType = linkTypes.ethernet;
  d.linkAt = d.at;
  d.linkProtocol = uint16(d.bytes, d.at + 12);
  d.at += 14;
  return dissectTags(d, d.linkProtocol);
}

/** Steps over the VLAN tags at `d.at`, the first of which has the TPID `type`, and over an LLC header. */
export function dissectTags(d: Dissection, type: number): boolean {
  let next = type;
  if (isTag(next)) d.vlanAt = d.at;
  while (isTag(next)) {
    if (d.end - d.at < 4) return d.fail('vlan: the tag is cut short');
    next = uint16(d.bytes, d.at + 2);
    d.at += 4;
    d.vlanCount++;
  }
  if (next >= smallestEtherType) {
    d.etherType = next;
    return true;
  }
  if (next > largestLength) return d.fail('ethernet: the field is neither a type nor a length');
  d.end = Math.min(d.end, d.at + next);
  return dissectLlc(d);
}

function isTag(type: number): boolean {
  return type === etherTypes.vlan || type === etherTypes.serviceVlan || type === etherTypes.oldServiceVlan;
}

const snapSap = 0xaa;
/** Organizations under whose SNAP numbers EtherTypes are found: encapsulated Ethernet (RFC 1042), 802.1H. */
const etherTypeOuis: readonly number[] = [0x000000, 0x0000f8];

/** IEEE 802.2 LLC, with SNAP (RFC 1042). */
export function dissectLlc(d: Dissection): boolean {
  const { bytes, at } = d;
  if (d.end - at < 3) return d.fail('llc: the header is cut short');
  d.llcAt = at;
  if (!isSnap(bytes, at)) return true;
  if (d.end - at < 8) return d.fail('llc: the SNAP header is cut short');
  d.at = at + 8;
  if (!etherTypeOuis.includes(oui(bytes, at))) return true;
  d.etherType = uint16(bytes, at + 6);
  return true;
}

function isSnap(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === snapSap && bytes[at + 1] === snapSap && bytes[at + 2] === 3;
}

function oui(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 3] as number) << 16) | uint16(bytes, at + 4);
}

export function readLlc({ bytes, llcAt: at, frameEnd: end }: Dissection): Llc {
  const [dsap, ssap, control] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number];
  if (!isSnap(bytes, at) || end - at < 8) return { dsap, ssap, control };
  return { dsap, ssap, control, oui: oui(bytes, at), pid: uint16(bytes, at + 6) };
}

export function readEthernet({ bytes, linkAt: at, linkProtocol }: Dissection): Ethernet {
  const src = macAt(bytes, at + 6);
  const dst = macAt(bytes, at);
  if (linkProtocol >= smallestEtherType) return { src, dst, type: linkProtocol };
  return linkProtocol > largestLength ? { src, dst } : { src, dst, length: linkProtocol };
}

/** The frame's VLAN tags, outermost first. */
export function readTags(d: Dissection): VlanTag[] {
  const tags: VlanTag[] = [];
  for (let i = 0; i < d.vlanCount; i++) {
    const at = d.vlanAt + 4 * i;
    const tci = uint16(d.bytes, at);
    const tpid = i === 0 ? d.linkProtocol : uint16(d.bytes, at - 2);
    tags.push({
      id: tci & 0xfff,
      priority: tci >> 13,
      dei: (tci & 0x1000) !== 0,
      tpid,
      type: uint16(d.bytes, at + 2),
    });
  }
  return tags;
}
