import { uint16 } from './addresses.ts';
import { dissectArp } from './arp.ts';
import type { Conversations } from './conversations.ts';
import { dissectCooked, dissectLoopback, dissectRawIp } from './cooked.ts';
import { dhcpPorts, dissectDhcp } from './dhcp.ts';
import { applications, type Dissection } from './dissection.ts';
import { dnsPorts } from './dns.ts';
import { dissectEthernet, etherTypes } from './ethernet.ts';
import { linkTypes } from './frame.ts';
import { dissectIcmp, quotesPacket } from './icmp.ts';
import { dissectIpv4, ipProtocols } from './ipv4.ts';
import { dissectIpv6 } from './ipv6.ts';
import { dissectRmcp, rmcpPorts } from './rmcp.ts';
import { dissectTcp } from './tcp.ts';
import { dissectTftp, looksLikeTftpRequest, tftpPort } from './tftp.ts';
import { dissectGre, dissectVxlan, vxlanPort } from './tunnels.ts';
import { dissectUdp } from './udp.ts';

/**
 * Finds the layers of the frame `bytes[start..end)` and writes where they lie into `into`. Never throws; what
 * cannot be decoded is told by `into.error`.
 *
 * @param wireLength bytes on the wire, more than `end - start` when the capture cut the frame
 * @param memory what earlier frames told; without it fragments stay fragments and TFTP is seen on its port only
 */
export function dissect(
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  linkType: number,
  into: Dissection,
  memory: Conversations | null,
): void {
  into.begin(bytes, start, end, Math.max(0, wireLength - (end - start)));
  dissectLink(into, linkType, memory);
}

function dissectLink(d: Dissection, linkType: number, memory: Conversations | null): boolean {
  switch (linkType) {
    case linkTypes.ethernet:
      return dissectEthernet(d) && dissectNetwork(d, memory);
    case linkTypes.linuxSll:
    case linkTypes.linuxSll2:
      return dissectCooked(d, linkType) && dissectNetwork(d, memory);
    case linkTypes.raw:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return dissectRawIp(d) && dissectNetwork(d, memory);
    case linkTypes.null:
    case linkTypes.loop:
      return dissectLoopback(d, linkType) && dissectNetwork(d, memory);
    default:
      return d.fail('the link type is not decoded');
  }
}

function dissectNetwork(d: Dissection, memory: Conversations | null): boolean {
  switch (d.etherType) {
    case etherTypes.arp:
    case etherTypes.rarp:
      return dissectArp(d);
    case etherTypes.ipv4:
      return dissectIpv4(d) && dissectPayload(d, memory);
    case etherTypes.ipv6:
      return dissectIpv6(d) && dissectPayload(d, memory);
    default:
      return true;
  }
}

/** The payload of an IP packet; that of a fragment when it completes its datagram. */
function dissectPayload(d: Dissection, memory: Conversations | null): boolean {
  const isFragment = d.fragmentOffset > 0 || d.moreFragments;
  // A cut fragment can complete nothing; of a first one the header is still worth having.
  const isCut = d.error !== '';
  if (isFragment && !(isCut && d.fragmentOffset === 0)) {
    const whole = d.quoted || isCut ? undefined : memory?.fragments.add(d, memory.point);
    if (!whole) return true;
    d.upper = whole;
    d.at = 0;
    d.end = whole.length;
    d.reassembled = true;
  }
  return dissectTransport(d, memory);
}

function dissectTransport(d: Dissection, memory: Conversations | null): boolean {
  switch (d.protocol) {
    case ipProtocols.udp:
      return dissectUdp(d) && dissectDatagram(d, memory);
    case ipProtocols.tcp:
      return dissectTcp(d);
    case ipProtocols.icmp:
    case ipProtocols.icmpv6:
      return dissectIcmp(d) && dissectQuoted(d, memory);
    case ipProtocols.gre:
      return dissectGre(d) && dissectInner(d, uint16(d.upper, d.greAt + 2), memory);
    case ipProtocols.ipv4:
      return dissectInner(d, etherTypes.ipv4, memory);
    case ipProtocols.ipv6:
      return dissectInner(d, etherTypes.ipv6, memory);
    default:
      return true;
  }
}

/** More than an ICMP error can leave out of the packet it quotes. */
const longestPacket = 65_575;

/** The packet that an ICMP error quotes. */
function dissectQuoted(d: Dissection, memory: Conversations | null): boolean {
  if (!quotesPacket(d) || d.end - d.transportAt <= 8) return true;
  const inner = d.beginInner(d.transportAt + 8, d.end);
  if (!inner) return false;
  inner.quoted = true;
  inner.cut = longestPacket;
  inner.etherType = d.ipVersion === 4 ? etherTypes.ipv4 : etherTypes.ipv6;
  return dissectNetwork(inner, memory);
}

/** The frame or packet in a tunnel, of this EtherType, at `d.at`. */
function dissectInner(d: Dissection, etherType: number, memory: Conversations | null): boolean {
  const isFrame = etherType === etherTypes.transparentBridging;
  if (!isFrame && etherType !== etherTypes.ipv4 && etherType !== etherTypes.ipv6) return true;
  const inner = d.beginInner(d.at, d.end);
  if (!inner) return false;
  if (isFrame) return dissectLink(inner, linkTypes.ethernet, memory);
  inner.etherType = etherType;
  return dissectNetwork(inner, memory);
}

/** Beside the applications: VXLAN carries frames. */
const vxlan = 255;

/** What runs on a UDP port. */
const services: Uint8Array = new Uint8Array(65_536);
for (const port of Object.values(dhcpPorts)) services[port] = applications.dhcp;
for (const port of dnsPorts) services[port] = applications.dns;
for (const port of rmcpPorts) services[port] = applications.rmcp;
services[tftpPort] = applications.tftp;
services[vxlanPort] = vxlan;

function dissectDatagram(d: Dissection, memory: Conversations | null): boolean {
  if (memory?.tftp.find(d)) return dissectTftp(d);
  // The lower port number is the better known one.
  const lower = Math.min(d.srcPort, d.dstPort);
  switch (services[lower] || services[d.srcPort ^ d.dstPort ^ lower]) {
    case applications.dhcp:
      return dissectDhcp(d);
    case applications.tftp:
      return dissectTftpRequest(d, memory);
    case applications.dns:
      d.application = applications.dns;
      return true;
    case applications.rmcp:
      return dissectRmcp(d);
    case vxlan:
      return dissectVxlan(d) && dissectInner(d, etherTypes.transparentBridging, memory);
    default:
      // A TFTP server may listen on any port.
      return looksLikeTftpRequest(d) ? dissectTftpRequest(d, memory) : true;
  }
}

/** A datagram from or to a TFTP server's port. */
function dissectTftpRequest(d: Dissection, memory: Conversations | null): boolean {
  const isWhole = dissectTftp(d);
  memory?.tftp.add(d);
  return isWhole;
}
