import { hexOf, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { tftpPort } from './tftp.ts';

const mostClients = 65_536;

/**
 * Remembers who asked a TFTP server: the transfer itself goes to ports of both ends' choice (RFC 1350, section 4),
 * but back to the port of the client that asked.
 */
export class TftpTransfers {
  /** Client's address and port, joined -> the servers it asked. */
  private readonly clients = new Map<number | string, Set<number | string>>();

  /** Whether the datagram belongs to a transfer that was seen to begin. */
  has(d: Dissection): boolean {
    if (this.clients.size === 0) return false;
    const src = address(d, 12, 8);
    const dst = address(d, 16, 24);
    return (
      this.clients.get(joined(dst, d.dstPort))?.has(src) === true ||
      this.clients.get(joined(src, d.srcPort))?.has(dst) === true
    );
  }

  /** Takes note of a datagram to the TFTP port. */
  add(d: Dissection): void {
    if (d.dstPort !== tftpPort || d.quoted) return;
    const client = joined(address(d, 12, 8), d.srcPort);
    const server = address(d, 16, 24);
    const known = this.clients.get(client);
    if (known) {
      known.add(server);
      return;
    }
    for (const oldest of this.clients.keys()) {
      if (this.clients.size < mostClients) break;
      this.clients.delete(oldest);
    }
    this.clients.set(client, new Set([server]));
  }
}

/** The IP address at the version's offset in the header: a number for IPv4, text for IPv6. */
function address(d: Dissection, offset4: number, offset6: number): number | string {
  const { bytes, ipAt: at } = d;
  return d.ipVersion === 4 ? uint32(bytes, at + offset4) : hexOf(bytes, at + offset6, at + offset6 + 16);
}

function joined(address: number | string, port: number): number | string {
  return typeof address === 'number' ? address * 65_536 + port : `${address}.${port}`;
}
