import type { DhcpMessageType } from '../packets/dhcp-options.ts';

/** A DHCP message of the server, or to it, seen at a device. */
export interface DhcpSighting {
  /** The device: a NIC, br-int, or a tap. */
  readonly at: string;
  readonly type: DhcpMessageType;
  /** The VLAN tag there; null for an untagged frame. */
  readonly vlan: number | null;
  /** Its UDP checksum is wrong, or was left to hardware that is not there. */
  readonly badChecksum: boolean;
  /** The frame, for ofproto/trace. */
  readonly bytes: Uint8Array;
}
