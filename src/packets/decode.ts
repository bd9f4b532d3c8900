import { type Arp, readArp } from './arp.ts';
import { type Dhcp, readDhcp } from './dhcp.ts';
import { dissect } from './dissect.ts';
import { applications, Dissection } from './dissection.ts';
import { type Ethernet, readEthernet, readTags, type VlanTag } from './ethernet.ts';
import type { CapturedFrame } from './frame.ts';
import { type Icmp, readIcmp } from './icmp.ts';
import { type Ipv4, ipProtocols, readIpv4 } from './ipv4.ts';
import { type Ipv6, readIpv6 } from './ipv6.ts';
import { readTcp, type Tcp } from './tcp.ts';
import { readTftp, type Tftp } from './tftp.ts';
import { readUdp, type Udp } from './udp.ts';

/** The layers of a frame that could be decoded; a layer that is not there is not set. */
export interface DecodedFrame {
  eth?: Ethernet;
  /** Outermost first; empty for an untagged frame. */
  vlans: readonly VlanTag[];
  arp?: Arp;
  ipv4?: Ipv4;
  ipv6?: Ipv6;
  icmp?: Icmp;
  icmpv6?: Icmp;
  udp?: Udp;
  tcp?: Tcp;
  dhcp?: Dhcp;
  tftp?: Tftp;
  /** Why the rest could not be decoded: the layer, a colon, the reason. */
  error?: string;
}

const scratch = new Dissection();

/** Decodes one frame by itself. Never throws: a malformed frame gives what could be decoded and the reason. */
export function decodeFrame(frame: CapturedFrame): DecodedFrame {
  dissect(frame.bytes, 0, frame.bytes.length, frame.length, frame.linkType, scratch);
  return decoded(scratch);
}

/** The readable values of a dissection. */
export function decoded(d: Dissection): DecodedFrame {
  const frame: DecodedFrame = { vlans: d.vlanCount > 0 ? readTags(d) : [] };
  if (d.ethernetAt >= 0) frame.eth = readEthernet(d);
  if (d.arpAt >= 0) frame.arp = readArp(d);
  if (d.ipVersion === 4) frame.ipv4 = readIpv4(d);
  else if (d.ipVersion === 6) frame.ipv6 = readIpv6(d);
  if (d.transportAt >= 0) {
    if (d.protocol === ipProtocols.udp) frame.udp = readUdp(d);
    else if (d.protocol === ipProtocols.tcp) frame.tcp = readTcp(d);
    else if (d.protocol === ipProtocols.icmp) frame.icmp = readIcmp(d);
    else frame.icmpv6 = readIcmp(d);
  }
  if (d.application === applications.dhcp) frame.dhcp = readDhcp(d);
  else if (d.application === applications.tftp) frame.tftp = readTftp(d);
  if (d.error !== '') frame.error = d.error;
  return frame;
}

/** The id of the outermost VLAN tag, null for an untagged frame. A priority tag is id 0. */
export function vlanId(frame: DecodedFrame): number | null {
  return frame.vlans[0]?.id ?? null;
}
