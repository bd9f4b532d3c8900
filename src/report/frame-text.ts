import type { DecodedFrame } from '../packets/decode.ts';
import type { Dhcp } from '../packets/dhcp.ts';
import type { HttpMessage } from '../packets/http.ts';
import { ipProtocols } from '../packets/ipv4.ts';
import type { Tftp } from '../packets/tftp.ts';

/** A frame in one line, without its tag: `DHCP DISCOVER from 52:54:00:00:02:01 (xid 0x5a2e1c07)`. */
export function frameText(frame: DecodedFrame): string {
  const text = messageText(frame) ?? packetText(frame) ?? linkText(frame);
  return frame.error ? `${text} [${frame.error}]` : text;
}

function messageText(frame: DecodedFrame): string | undefined {
  const { arp, dhcp, tftp, dns, http, iscsi, rmcp } = frame;
  if (dhcp) return dhcpText(dhcp);
  if (tftp) return `${tftpText(tftp)}, ${endsText(frame)}`;
  if (dns) {
    const [question] = dns.questions;
    const asked = question ? ` ${question.type} ${question.name}` : '';
    return `DNS ${dns.type}${asked}${dns.rcode === 'NOERROR' ? '' : ` ${dns.rcode}`}, ${endsText(frame)}`;
  }
  if (http?.[0]) return `HTTP ${httpText(http[0])}, ${endsText(frame)}`;
  if (iscsi?.[0]) return `iSCSI ${iscsi[0].name}, ${endsText(frame)}`;
  if (rmcp) return `${rmcp.ipmi ? 'IPMI' : rmcp.class === 6 ? 'ASF' : 'RMCP'}, ${endsText(frame)}`;
  if (!arp) return undefined;
  if (arp.op === 1 && arp.senderIp === arp.targetIp) return `ARP announcement of ${arp.senderIp}`;
  if (arp.op === 1) return `ARP who has ${arp.targetIp}, tell ${arp.senderIp}`;
  if (arp.op === 2) return `ARP ${arp.senderIp} is at ${arp.senderMac}`;
  return `ARP operation ${arp.op} from ${arp.senderMac}`;
}

function dhcpText({ op, type, chaddr, yiaddr, xid }: Dhcp): string {
  const kind = type === null ? 'BOOTP' : `DHCP ${typeof type === 'number' ? `type ${type}` : type}`;
  if (op !== 2) return `${kind} from ${chaddr} (xid ${xid})`;
  const given = yiaddr === '0.0.0.0' ? '' : ` of ${yiaddr}`;
  return `${kind}${given} to ${chaddr} (xid ${xid})`;
}

function httpText(message: HttpMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.target}`
    : `${message.status} ${message.reason}`;
}

function tftpText(tftp: Tftp): string {
  const { opcode, file, block, length, errorCode, errorMessage } = tftp;
  const of = file === undefined ? '' : ` of ${file}`;
  switch (opcode) {
    case 1:
      return `TFTP read request for ${file}`;
    case 2:
      return `TFTP write request for ${file}`;
    case 3:
      return `TFTP block ${block}${of} (${length} bytes)`;
    case 4:
      return `TFTP acknowledgement of block ${block}${of}`;
    case 5:
      return `TFTP error ${errorCode}${of}: ${errorMessage}`;
    case 6:
      return `TFTP options acknowledged${of}`;
    default:
      return `TFTP opcode ${opcode}`;
  }
}

const icmpNames: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'unreachable',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
};
const icmpv6Names: Readonly<Record<number, string>> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
  137: 'redirect',
  143: 'multicast listener report',
};

function packetText(frame: DecodedFrame): string | undefined {
  const { ipv4, ipv6, icmp, icmpv6, udp, tcp, vxlan, gre, inner } = frame;
  if (vxlan && inner) return `VXLAN ${vxlan.vni}: ${frameText(inner)}`;
  if (gre && inner) return `GRE: ${frameText(inner)}`;
  const seq = icmp?.seq ?? icmpv6?.seq;
  const sequence = seq === undefined ? '' : ` ${seq}`;
  if (icmp) return `ICMP ${icmpNames[icmp.type] ?? `type ${icmp.type}`}${sequence}, ${endsText(frame)}`;
  if (icmpv6) {
    const name = icmpv6Names[icmpv6.type] ?? `type ${icmpv6.type}`;
    return `ICMPv6 ${name}${sequence}${icmpv6.target ? ` of ${icmpv6.target}` : ''}, ${endsText(frame)}`;
  }
  if (udp) return `UDP, ${endsText(frame)}, ${udp.length - 8} bytes`;
  if (tcp) return `TCP ${tcp.flags}, ${endsText(frame)}, ${tcp.length} bytes`;
  const protocol = ipv4?.protocol ?? ipv6?.protocol;
  if (protocol === undefined) return undefined;
  const name = Object.entries(ipProtocols).find(([, number]) => number === protocol)?.[0] ?? protocol;
  return `IP protocol ${name}, ${endsText(frame)}`;
}

/** `10.0.0.21:2070 → 10.0.0.2:69` */
function endsText({ ipv4, ipv6, udp, tcp }: DecodedFrame): string {
  const ip = ipv4 ?? ipv6;
  if (!ip) return '';
  const ports = udp ?? tcp;
  const end = (address: string, port: number | undefined) => {
    if (port === undefined) return address;
    return ipv6 ? `[${address}]:${port}` : `${address}:${port}`;
  };
  return `${end(ip.src, ports?.srcPort)} → ${end(ip.dst, ports?.dstPort)}`;
}

function linkText({ eth, cooked }: DecodedFrame): string {
  if (!eth) return cooked ? 'a packet of an unknown protocol' : 'a frame that could not be decoded';
  const type =
    eth.type === undefined ? 'IEEE 802.3' : `EtherType 0x${eth.type.toString(16).padStart(4, '0')}`;
  return `${type}, ${eth.src} → ${eth.dst}`;
}
