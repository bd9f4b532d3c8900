import { type Arp, readArp } from './arp.ts';
import { Conversations } from './conversations.ts';
import { type Cooked, readCooked } from './cooked.ts';
import { type Dhcp, readDhcp } from './dhcp.ts';
import { dissect } from './dissect.ts';
import { applications, Dissection } from './dissection.ts';
import { type Dns, readDns } from './dns.ts';
import { type Ethernet, type Llc, readEthernet, readLlc, readTags, type VlanTag } from './ethernet.ts';
import { type CapturedFrame, linkTypes } from './frame.ts';
import type { HttpMessage } from './http.ts';
import { type Icmp, readIcmp } from './icmp.ts';
import { type Icmpv6, readIcmpv6 } from './icmpv6.ts';
import { type Ipv4, ipProtocols, readIpv4 } from './ipv4.ts';
import { type Ipv6, readIpv6 } from './ipv6.ts';
import type { IscsiPdu } from './iscsi.ts';
import type { RecordCursor } from './record.ts';
import { type Rmcp, readRmcp } from './rmcp.ts';
import { readTcp, type Tcp } from './tcp.ts';
import { TcpStreams } from './tcp-streams.ts';
import { readTftp, type Tftp } from './tftp.ts';
import { type Gre, readGre, readVxlan, type Vxlan } from './tunnels.ts';
import { readUdp, type Udp } from './udp.ts';

export interface Ports {
  readonly srcPort: number;
  readonly dstPort: number;
}

/** The layers of a frame that could be decoded; a layer that is not there is not set. */
export interface DecodedFrame {
  eth?: Ethernet;
  cooked?: Cooked;
  /** Outermost first; empty for an untagged frame. */
  vlans: readonly VlanTag[];
  llc?: Llc;
  arp?: Arp;
  ipv4?: Ipv4;
  ipv6?: Ipv6;
  icmp?: Icmp;
  icmpv6?: Icmpv6;
  udp?: Udp;
  tcp?: Tcp;
  /** Of a UDP or TCP header of which the rest is missing, as in what an ICMP error quotes. */
  ports?: Ports;
  gre?: Gre;
  vxlan?: Vxlan;
  dhcp?: Dhcp;
  tftp?: Tftp;
  dns?: Dns;
  rmcp?: Rmcp;
  /** Messages whose head this segment completed. */
  http?: readonly HttpMessage[];
  /** PDUs whose header (and text) this segment completed. */
  iscsi?: readonly IscsiPdu[];
  /** The frame or packet in a tunnel. */
  inner?: DecodedFrame;
  /** The packet that an ICMP error quotes; it is cut short as a rule, which is no error. */
  quoted?: DecodedFrame;
  /** Why the rest could not be decoded: the layer, a colon, the reason. */
  error?: string;
}

const scratch = new Dissection();

/**
 * Decodes one frame by itself: fragments stay fragments, TFTP is seen on its own port only, streams are not
 * followed. Never throws: a malformed frame gives what could be decoded and the reason.
 */
export function decodeFrame(frame: CapturedFrame): DecodedFrame {
  dissect(frame.bytes, 0, frame.bytes.length, frame.length, frame.linkType, scratch, null);
  return decoded(scratch);
}

/**
 * Decodes the frames of a capture in order: datagrams are put together from their fragments, TFTP is followed to
 * the ports it moves to, and the messages in TCP streams are found.
 */
export class FrameDecoder {
  /** Of the frame decoded last. */
  readonly layers = new Dissection();
  private readonly conversations = new Conversations();
  private readonly streams: TcpStreams | undefined;

  /** @param options.streams false: TCP streams are not followed, which costs time where no messages are wanted */
  constructor(options: { streams: boolean } = { streams: true }) {
    this.streams = options.streams ? new TcpStreams() : undefined;
  }

  /** Finds the layers of the record the cursor stands on; they are in `layers` until the next one. */
  dissect(record: RecordCursor): void {
    const { bytes, start, end, length, interfaceId } = record;
    this.take(bytes, start, end, length, record.interface.linkType, interfaceId);
  }

  decode(frame: CapturedFrame): DecodedFrame {
    const { bytes, length, linkType, interfaceId = -1 } = frame;
    this.take(bytes, 0, bytes.length, length, linkType, interfaceId);
    return decoded(this.layers);
  }

  private take(
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    linkType: number,
    point: number,
  ): void {
    this.conversations.point = point;
    dissect(bytes, start, end, length, linkType, this.layers, this.conversations);
    this.streams?.follow(this.layers, point);
  }
}

/** The readable values of a dissection. */
export function decoded(d: Dissection): DecodedFrame {
  const frame: DecodedFrame = { vlans: d.vlanCount > 0 ? readTags(d) : [] };
  if (d.linkType === linkTypes.ethernet) frame.eth = readEthernet(d);
  else if (d.linkType === linkTypes.linuxSll || d.linkType === linkTypes.linuxSll2)
    frame.cooked = readCooked(d);
  if (d.llcAt >= 0) frame.llc = readLlc(d);
  if (d.arpAt >= 0) frame.arp = readArp(d);
  if (d.ipVersion === 4) frame.ipv4 = readIpv4(d);
  else if (d.ipVersion === 6) frame.ipv6 = readIpv6(d);
  if (d.transportAt >= 0) readTransport(d, frame);
  else if (d.srcPort >= 0) frame.ports = { srcPort: d.srcPort, dstPort: d.dstPort };
  if (d.greAt >= 0) frame.gre = readGre(d);
  if (d.vxlanAt >= 0) frame.vxlan = readVxlan(d);
  if (d.inner) readInner(d.inner, frame);
  if (d.error !== '') frame.error = d.error;
  if (d.application !== applications.none) readApplication(d, frame);
  return frame;
}

function readTransport(d: Dissection, frame: DecodedFrame): void {
  switch (d.protocol) {
    case ipProtocols.udp:
      frame.udp = readUdp(d);
      return;
    case ipProtocols.tcp:
      frame.tcp = readTcp(d);
      if (d.messages && d.messages.http.length > 0) frame.http = d.messages.http;
      if (d.messages && d.messages.iscsi.length > 0) frame.iscsi = d.messages.iscsi;
      return;
    case ipProtocols.icmp:
      frame.icmp = readIcmp(d);
      return;
    case ipProtocols.icmpv6:
      frame.icmpv6 = readIcmpv6(d);
      return;
  }
}

function readInner(inner: Dissection, frame: DecodedFrame): void {
  const values = decoded(inner);
  if (!inner.quoted) {
    frame.inner = values;
    return;
  }
  delete values.error;
  frame.quoted = values;
}

function readApplication(d: Dissection, frame: DecodedFrame): void {
  switch (d.application) {
    case applications.dhcp:
      frame.dhcp = readDhcp(d);
      return;
    case applications.tftp:
      frame.tftp = readTftp(d);
      return;
    case applications.rmcp:
      frame.rmcp = readRmcp(d);
      return;
    case applications.dns: {
      const dns = readDns(d.upper.subarray(d.payloadAt, d.payloadEnd));
      if (typeof dns === 'string') frame.error ??= dns;
      else frame.dns = dns;
      return;
    }
  }
}

/** The id of the outermost VLAN tag, null for an untagged frame. A priority tag is id 0. */
export function vlanId(frame: DecodedFrame): number | null {
  return frame.vlans[0]?.id ?? null;
}
