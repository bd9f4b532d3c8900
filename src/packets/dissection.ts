import type { HttpMessage } from './http.ts';
import type { IscsiPdu } from './iscsi.ts';

/** What a frame's innermost understood payload is. */
export const applications = { none: 0, dhcp: 1, tftp: 2, dns: 3, rmcp: 4 } as const;

/** Tunnels and quotations inside each other; deeper ones are refused, as only made-up frames have them. */
const deepestNesting = 8;

/** Messages that a TCP segment completed. */
export interface StreamMessages {
  readonly http: HttpMessage[];
  readonly iscsi: IscsiPdu[];
}

const noBytes = new Uint8Array(0);

/**
 * Where the layers of one frame lie: offsets and numbers only, no text and no copies. One object is filled again
 * and again, which makes a pass over a million frames cheap; `decodeFrame` turns it into readable values.
 * Offsets are -1 when the layer is absent. Link and network offsets point into `bytes`; from the transport layer
 * up they point into `upper`, which is the same array except in a reassembled datagram.
 */
export class Dissection {
  bytes: Uint8Array = noBytes;
  upper: Uint8Array = noBytes;
  /** The frame: `bytes[start..frameEnd)`. */
  start = 0;
  frameEnd = 0;
  /** The layer being looked at: its first byte, and the end of what its parent layer gives it. */
  at = 0;
  end = 0;
  /** Bytes that the capture cut off the frame's end. */
  cut = 0;
  /** This is a packet quoted in an ICMP error, not one that was sent. */
  quoted = false;
  /** Why the frame could not be decoded further; '' when all is well. */
  error = '';

  /** Header of the link layer, whichever it is. */
  linkAt = -1;
  /** Type or length field of the Ethernet or cooked header, -1 without one. */
  linkProtocol = -1;
  /** LINKTYPE_ number of the link layer; -1 for the packet in a tunnel without one. */
  linkType = -1;
  /** First 802.1Q/802.1ad TCI; the following ones are each 4 bytes on, their TPIDs 2 bytes before them. */
  vlanAt = -1;
  vlanCount = 0;
  /** EtherType after all tags; -1 when unknown, as in an 802.3 frame without SNAP. */
  etherType = -1;
  /** IEEE 802.2 header of an 802.3 frame. */
  llcAt = -1;

  arpAt = -1;
  /** 4 or 6, 0 without an IP header. */
  ipVersion = 0;
  ipAt = -1;
  /** End of the IP packet within the captured bytes. */
  ipEnd = -1;
  /** Bytes of the IP packet that the capture cut off. */
  missing = 0;
  /** IP protocol of the payload, after IPv6 extension headers; -1 without one. */
  protocol = -1;
  /** Offset in bytes of an IP fragment, 0 also for a whole packet. */
  fragmentOffset = 0;
  moreFragments = false;
  /** Final destination in an IPv6 routing header whose journey is not over. */
  finalDestinationAt = -1;
  /** Identification of an IPv6 fragment; IPv4 has it in its header. */
  fragmentId = 0;
  /** This fragment completed a datagram; the layers above IP are those of the datagram. */
  reassembled = false;

  /** UDP, TCP, ICMP or ICMPv6 header. */
  transportAt = -1;
  transportEnd = -1;
  srcPort = -1;
  dstPort = -1;
  /** What UDP or TCP carry. */
  payloadAt = -1;
  payloadEnd = -1;

  /** GRE header, in `upper`. */
  greAt = -1;
  /** VXLAN header, in `upper`. */
  vxlanAt = -1;
  /** The frame in a tunnel, or the packet quoted in an ICMP error. */
  inner: Dissection | null = null;

  /** One of {@link applications}; it lies at `payloadAt`. */
  application = 0;
  /** DHCP message type (option 53), 0 for plain BOOTP. */
  dhcpType = 0;
  /** DHCP option 52: 1 the file field holds options, 2 the server name field, 3 both. */
  dhcpOverload = 0;
  tftpOpcode = 0;
  /** File name in a TFTP request. */
  fileAt = -1;
  fileEnd = -1;
  /** The transfer that a TFTP message belongs to, when its request was seen. */
  tftpTransfer: { readonly file: string } | null = null;

  /** Of a TCP segment, when its stream is followed. */
  messages: StreamMessages | null = null;

  private child: Dissection | null = null;
  private depth = 0;

  begin(bytes: Uint8Array, start: number, end: number, cut: number): void {
    this.bytes = bytes;
    this.upper = bytes;
    this.start = start;
    this.frameEnd = end;
    this.at = start;
    this.end = end;
    this.cut = cut;
    this.quoted = false;
    this.error = '';
    this.linkAt = -1;
    this.linkProtocol = -1;
    this.linkType = -1;
    this.vlanAt = -1;
    this.vlanCount = 0;
    this.etherType = -1;
    this.llcAt = -1;
    this.arpAt = -1;
    this.ipVersion = 0;
    this.ipAt = -1;
    this.ipEnd = -1;
    this.missing = 0;
    this.protocol = -1;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.finalDestinationAt = -1;
    this.fragmentId = 0;
    this.reassembled = false;
    this.transportAt = -1;
    this.transportEnd = -1;
    this.srcPort = -1;
    this.dstPort = -1;
    this.payloadAt = -1;
    this.payloadEnd = -1;
    this.greAt = -1;
    this.vxlanAt = -1;
    this.inner = null;
    this.application = applications.none;
    this.dhcpType = 0;
    this.dhcpOverload = 0;
    this.tftpOpcode = 0;
    this.fileAt = -1;
    this.fileEnd = -1;
    this.tftpTransfer = null;
    this.messages = null;
  }

  /** Begins the frame or packet that lies at `upper[start..end)` and makes it `inner`; null when too deep. */
  beginInner(start: number, end: number): Dissection | null {
    if (this.depth >= deepestNesting) {
      this.fail('tunnels are nested too deeply');
      return null;
    }
    this.child ??= new Dissection();
    this.inner = this.child;
    this.inner.depth = this.depth + 1;
    this.inner.begin(this.upper, start, end, this.missing);
    this.inner.quoted = this.quoted;
    return this.inner;
  }

  /** Notes the first reason for not decoding further; answers false, for the caller to answer in turn. */
  fail(reason: string): false {
    if (this.error === '') this.error = reason;
    return false;
  }
}
