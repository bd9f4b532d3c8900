import type { DhcpMessageType } from '../packets/dhcp-options.ts';
import type { SeenFrame } from './journey.ts';

/** Whether a frame is the one that is looked for. */
export type FrameTest = (frame: SeenFrame) => boolean;

/** A DHCP message of that type from or to the client of that MAC. */
export function dhcp(type: DhcpMessageType, mac: string): FrameTest {
  return ({ decoded }) => decoded.dhcp?.type === type && decoded.dhcp.chaddr === mac;
}

/** Any frame that a MAC sent. */
export function fromMac(mac: string): FrameTest {
  return ({ decoded }) => decoded.eth?.src === mac;
}

/** An ARP request for an IPv4 address. */
export function arpFor(ip: string): FrameTest {
  return ({ decoded }) => decoded.arp?.op === 1 && decoded.arp.targetIp === ip;
}

/** A TFTP read request for a file. */
export function tftpRequest(file: string): FrameTest {
  return ({ decoded }) => decoded.tftp?.opcode === 1 && decoded.tftp.file === file;
}
