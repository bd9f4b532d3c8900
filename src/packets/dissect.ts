import { uint16 } from './addresses.ts';
import { dissectArp } from './arp.ts';
import { dhcpPorts, dissectDhcp } from './dhcp.ts';
import type { Dissection } from './dissection.ts';
import { dissectEthernet, dissectTags, etherTypes } from './ethernet.ts';
import { linkTypes } from './frame.ts';
import { dissectIcmp } from './icmp.ts';
import { dissectIpv4, ipProtocols } from './ipv4.ts';
import { dissectIpv6 } from './ipv6.ts';
import { dissectTcp } from './tcp.ts';
import { dissectTftp, tftpPort } from './tftp.ts';
import { dissectUdp } from './udp.ts';

/**
 * Finds the layers of the frame `bytes[start..end)` and writes where they lie into `into`. Never throws; what
 * cannot be decoded is told by `into.error`.
 *
 * @param wireLength bytes on the wire, more than `end - start` when the capture cut the frame
 */
export function dissect(
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  linkType: number,
  into: Dissection,
): void {
  into.begin(bytes, start, end, wireLength > end - start);
  if (dissectLink(into, linkType)) dissectNetwork(into);
}

function dissectLink(d: Dissection, linkType: number): boolean {
  switch (linkType) {
    case linkTypes.ethernet:
      return dissectEthernet(d);
    case linkTypes.linuxSll:
      if (d.end - d.at < 16) return d.fail('sll: the header is cut short');
      d.linkProtocol = uint16(d.bytes, d.at + 14);
      d.at += 16;
      return dissectTags(d, d.linkProtocol);
    case linkTypes.linuxSll2:
      if (d.end - d.at < 20) return d.fail('sll2: the header is cut short');
      d.linkProtocol = uint16(d.bytes, d.at);
      d.at += 20;
      return dissectTags(d, d.linkProtocol);
    case linkTypes.raw:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      if (d.at >= d.end) return d.fail('raw: the packet is empty');
      d.etherType = (d.bytes[d.at] as number) >> 4 === 6 ? etherTypes.ipv6 : etherTypes.ipv4;
      return true;
    default:
      return d.fail('the link type is not known');
  }
}

function dissectNetwork(d: Dissection): boolean {
  switch (d.etherType) {
    case etherTypes.arp:
      return dissectArp(d);
    case etherTypes.ipv4:
      return dissectIpv4(d) && dissectTransport(d);
    case etherTypes.ipv6:
      return dissectIpv6(d) && dissectTransport(d);
    default:
      return true;
  }
}

function dissectTransport(d: Dissection): boolean {
  if (d.fragmentOffset > 0) return true;
  switch (d.protocol) {
    case ipProtocols.udp:
      return dissectUdp(d) && dissectDatagram(d);
    case ipProtocols.tcp:
      return dissectTcp(d);
    case ipProtocols.icmp:
    case ipProtocols.icmpv6:
      return dissectIcmp(d);
    default:
      return true;
  }
}

function dissectDatagram(d: Dissection): boolean {
  const { srcPort, dstPort } = d;
  if (isDhcp(srcPort) || isDhcp(dstPort)) return dissectDhcp(d);
  if (srcPort === tftpPort || dstPort === tftpPort) return dissectTftp(d);
  return true;
}

function isDhcp(port: number): boolean {
  return port === dhcpPorts.server || port === dhcpPorts.client || port === dhcpPorts.proxy;
}
