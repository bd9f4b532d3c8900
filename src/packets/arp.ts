import { colonHex, ipv4At, macAt, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { etherTypes } from './ethernet.ts';

/** An ARP packet (RFC 826), or a reverse one (RFC 903). */
export interface Arp {
  /** 1 request, 2 reply; 3 and 4 of reverse ARP. */
  readonly op: number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

export function dissectArp(d: Dissection): boolean {
  const available = d.end - d.at;
  if (available < 8) return d.fail('arp: the header is cut short');
  const hardware = d.bytes[d.at + 4] as number;
  const protocol = d.bytes[d.at + 5] as number;
  if (available < 8 + 2 * (hardware + protocol)) return d.fail('arp: the addresses are cut short');
  d.arpAt = d.at;
  return true;
}

export function readArp({ bytes, arpAt: at }: Dissection): Arp {
  const hardware = bytes[at + 4] as number;
  const protocol = bytes[at + 5] as number;
  const isIpv4 = uint16(bytes, at + 2) === etherTypes.ipv4 && protocol === 4;
  const mac = (from: number) =>
    hardware === 6 ? macAt(bytes, from) : colonHex(bytes, from, from + hardware);
  const ip = (from: number) => (isIpv4 ? ipv4At(bytes, from) : colonHex(bytes, from, from + protocol));
  const sender = at + 8;
  const target = sender + hardware + protocol;
  return {
    op: uint16(bytes, at + 6),
    senderMac: mac(sender),
    senderIp: ip(sender + hardware),
    targetMac: mac(target),
    targetIp: ip(target + hardware),
  };
}
