import { colonHex, uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { dissectLlc, dissectTags, etherTypes } from './ethernet.ts';
import { linkTypes } from './frame.ts';

/** The header Linux gives instead of a link layer's own (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
export interface Cooked {
  /** 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us. */
  readonly packetType: number;
  /** ARPHRD_ number of the device. */
  readonly hardwareType: number;
  /** The sender's link-layer address. */
  readonly address: string;
  readonly protocol: number;
  /** Version 2 only. */
  readonly interfaceIndex?: number;
}

/** linux/if_ether.h: in place of an EtherType, an 802.2 frame. */
const protocol8022 = 4;

export function dissectCooked(d: Dissection, linkType: number): boolean {
  const second = linkType === linkTypes.linuxSll2;
  const length = second ? 20 : 16;
  if (d.end - d.at < length) return d.fail('cooked: the header is cut short');
  d.linkType = linkType;
  d.linkAt = d.at;
  d.linkProtocol = uint16(d.bytes, second ? d.at : d.at + 14);
  d.at += length;
  if (d.linkProtocol === protocol8022) return dissectLlc(d);
  if (d.linkProtocol < 0x0600) return true;
  return dissectTags(d, d.linkProtocol);
}

export function readCooked({ bytes, linkAt: at, linkType, linkProtocol: protocol }: Dissection): Cooked {
  const address = (from: number, length: number) => colonHex(bytes, from, from + Math.min(length, 8));
  if (linkType === linkTypes.linuxSll) {
    return {
      packetType: uint16(bytes, at),
      hardwareType: uint16(bytes, at + 2),
      address: address(at + 6, uint16(bytes, at + 4)),
      protocol,
    };
  }
  return {
    packetType: bytes[at + 10] as number,
    hardwareType: uint16(bytes, at + 8),
    address: address(at + 12, bytes[at + 11] as number),
    protocol,
    interfaceIndex: uint32(bytes, at + 4),
  };
}

/** Raw IP: the version tells which. */
export function dissectRawIp(d: Dissection): boolean {
  if (d.at >= d.end) return d.fail('raw: the packet is empty');
  d.etherType = (d.bytes[d.at] as number) >> 4 === 6 ? etherTypes.ipv6 : etherTypes.ipv4;
  return true;
}

/** BSD's loopback header: an address family, of the capturing host's byte order or of the network's. */
export function dissectLoopback(d: Dissection, linkType: number): boolean {
  if (d.end - d.at < 4) return d.fail('loopback: the header is cut short');
  const family = uint32(d.bytes, d.at) & 0xff || (d.bytes[d.at] as number);
  d.linkType = linkType;
  d.linkAt = d.at;
  d.at += 4;
  if (family === 2) d.etherType = etherTypes.ipv4;
  else if (family === 10 || family === 24 || family === 28 || family === 30) d.etherType = etherTypes.ipv6;
  return true;
}
