import { macAt, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** EtherTypes the decoders know (IEEE 802 numbers). */
export const etherTypes = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
} as const;

/** Smallest EtherType; below it the field is an IEEE 802.3 length. */
export const smallestEtherType = 0x0600;

export interface Ethernet {
  readonly src: string;
  readonly dst: string;
  /** The type field as it lies in the header: 0x8100 in a tagged frame; in an 802.3 frame the length. */
  readonly type: number;
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
}

export function dissectEthernet(d: Dissection): boolean {
  if (d.end - d.at < 14) return d.fail('ethernet: the header is cut short');
  d.ethernetAt = d.at;
  d.linkProtocol = uint16(d.bytes, d.at + 12);
  d.at += 14;
  return dissectTags(d, d.linkProtocol);
}

/** Steps over the VLAN tags at `d.at`, the first of which has the TPID `type`. */
export function dissectTags(d: Dissection, type: number): boolean {
  let next = type;
  if (isTag(next)) d.vlanAt = d.at;
  while (isTag(next)) {
    if (d.end - d.at < 4) return d.fail('vlan: the tag is cut short');
    next = uint16(d.bytes, d.at + 2);
    d.at += 4;
    d.vlanCount++;
  }
  d.etherType = next;
  return true;
}

function isTag(type: number): boolean {
  return type === etherTypes.vlan || type === etherTypes.serviceVlan || type === etherTypes.oldServiceVlan;
}

export function readEthernet(d: Dissection): Ethernet {
  return { src: macAt(d.bytes, d.ethernetAt + 6), dst: macAt(d.bytes, d.ethernetAt), type: d.linkProtocol };
}

/** The frame's VLAN tags, outermost first. */
export function readTags(d: Dissection): VlanTag[] {
  const tags: VlanTag[] = [];
  for (let i = 0; i < d.vlanCount; i++) {
    const at = d.vlanAt + 4 * i;
    const tci = uint16(d.bytes, at);
    const tpid = i === 0 ? d.linkProtocol : uint16(d.bytes, at - 2);
    tags.push({ id: tci & 0xfff, priority: tci >> 13, dei: (tci & 0x1000) !== 0, tpid });
  }
  return tags;
}
