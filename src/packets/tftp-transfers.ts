import { hexOf, uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { tftpOpcodes, tftpPort } from './tftp.ts';

const mostClients = 16_384;
const mostServers = 16;
/** Bytes of a file name that are remembered. */
const longestName = 512;

interface Transfer {
  /** Of the latest request from the client's port. */
  file: string;
}

/** Servers' addresses -> the transfer with them. */
type Servers = Map<number | string, Transfer>;

/**
 * Remembers who asked a TFTP server for what: the transfer itself goes to ports of both ends' choice (RFC 1350,
 * section 4), but back to the port of the client that asked.
 */
export class TftpTransfers {
  /** By the client's address and port. */
  private readonly clients = new Map<number | string, Servers>();

  /** Whether the datagram is a message of a transfer that was seen to begin; `d.tftpTransfer` is then set. */
  find(d: Dissection): boolean {
    if (this.clients.size === 0 || d.dstPort === tftpPort || !hasOpcode(d)) return false;
    const src = address(d, 12, 8);
    const dst = address(d, 16, 24);
    const transfer =
      this.clients.get(joined(dst, d.dstPort))?.get(src) ??
      this.clients.get(joined(src, d.srcPort))?.get(dst);
    d.tftpTransfer = transfer ?? null;
    return transfer !== undefined;
  }

  /** Takes note of a request, and of anything else that was sent to the TFTP port. */
  add(d: Dissection): void {
    if ((d.dstPort !== tftpPort && d.fileAt < 0) || d.quoted) return;
    const servers = this.serversOf(joined(address(d, 12, 8), d.srcPort));
    const server = address(d, 16, 24);
    const file =
      d.fileEnd < 0
        ? ''
        : new TextDecoder().decode(d.upper.subarray(d.fileAt, Math.min(d.fileEnd, d.fileAt + longestName)));
    const known = servers.get(server);
    if (known) known.file = file;
    else if (servers.size < mostServers) servers.set(server, { file });
  }

  private serversOf(client: number | string): Servers {
    const known = this.clients.get(client);
    if (known) return known;
    for (const oldest of this.clients.keys()) {
      if (this.clients.size < mostClients) break;
      this.clients.delete(oldest);
    }
    const servers: Servers = new Map();
    this.clients.set(client, servers);
    return servers;
  }
}

/** Whether the payload could be a TFTP message at all; ports are used again for other things. */
function hasOpcode({ upper, payloadAt, payloadEnd }: Dissection): boolean {
  if (payloadEnd - payloadAt < 2) return false;
  const opcode = uint16(upper, payloadAt);
  return opcode >= tftpOpcodes.rrq && opcode <= tftpOpcodes.oack;
}

/** The IP address at the version's offset in the header: a number for IPv4, text for IPv6. */
function address(d: Dissection, offset4: number, offset6: number): number | string {
  const { bytes, ipAt: at } = d;
  return d.ipVersion === 4 ? uint32(bytes, at + offset4) : hexOf(bytes, at + offset6, at + offset6 + 16);
}

function joined(address: number | string, port: number): number | string {
  return typeof address === 'number' ? address * 65_536 + port : `${address}.${port}`;
}
