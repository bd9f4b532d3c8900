import { type ChecksumState, verifyChecksums } from '../packets/checksum.ts';
import type { DhcpMessageType } from '../packets/dhcp-options.ts';
import { dissect } from '../packets/dissect.ts';
import { Dissection } from '../packets/dissection.ts';
import { linkTypes } from '../packets/frame.ts';
import { tftpOpcodes } from '../packets/tftp.ts';
import type { SeenFrame } from './journey.ts';

/** Whether a frame is the one that is looked for. */
export type FrameTest = (frame: SeenFrame) => boolean;

/** A frame that passes every one of these tests. */
export function allOf(...tests: readonly FrameTest[]): FrameTest {
  return (frame) => tests.every((test) => test(frame));
}

/** A DHCP message of that type from or to the client of that MAC; with an address, one that gives it that address. */
export function dhcp(type: DhcpMessageType, mac: string, address?: string): FrameTest {
  return ({ decoded: { dhcp } }) =>
    dhcp?.type === type && dhcp.chaddr === mac && (address === undefined || dhcp.yiaddr === address);
}

/** Any frame that a MAC sent. */
export function fromMac(mac: string): FrameTest {
  return ({ decoded }) => decoded.eth?.src === mac;
}

/** A frame for one MAC: the lowest bit of the first byte tells those for several, or for all (IEEE 802, clause 8). */
export const isUnicast: FrameTest = ({ decoded: { eth } }) =>
  eth !== undefined && (Number.parseInt(eth.dst.slice(0, 2), 16) & 1) === 0;

/** An IPv4 packet with that source address. */
export function fromIp(ip: string): FrameTest {
  return ({ decoded }) => decoded.ipv4?.src === ip;
}

/** An IPv4 packet with that destination address. */
export function toIp(ip: string): FrameTest {
  return ({ decoded }) => decoded.ipv4?.dst === ip;
}

/** An ARP request (RFC 826) for an IPv4 address, sent to everybody. */
export function arpRequestFor(ip: string): FrameTest {
  return ({ decoded: { arp, eth } }) =>
    arp?.op === 1 && arp.targetIp === ip && eth?.dst === 'ff:ff:ff:ff:ff:ff';
}

/** An ARP reply that says who has an IPv4 address. */
export function arpReplyFrom(ip: string): FrameTest {
  return ({ decoded: { arp } }) => arp?.op === 2 && arp.senderIp === ip;
}

/** An ICMP echo request or reply (RFC 792). */
export function icmpEcho(kind: 'request' | 'reply'): FrameTest {
  return ({ decoded: { icmp } }) => icmp?.type === (kind === 'request' ? 8 : 0);
}

/** A TFTP read request for a file. */
export function tftpRequest(file: string): FrameTest {
  return ({ decoded: { tftp } }) => tftp?.opcode === tftpOpcodes.rrq && tftp.file === file;
}

/** A block of a file that TFTP sends, 1 being the first. */
export function tftpData(file: string, block: number): FrameTest {
  return ({ decoded: { tftp } }) =>
    tftp?.opcode === tftpOpcodes.data && tftp.file === file && tftp.block === block;
}

/**
 * A UDP datagram whose checksum is in that state: `offloaded` is the half-done sum that a network card is left to finish,
 * which is wrong for whoever receives it.
 */
export function udpChecksum(state: ChecksumState): FrameTest {
  return ({ bytes }) => {
    const dissection = new Dissection();
    dissect(bytes, 0, bytes.length, bytes.length, linkTypes.ethernet, dissection, null);
    return verifyChecksums(dissection).udp === state;
  };
}
