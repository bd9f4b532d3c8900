import { type Tftp, tftpOpcodes } from '../tftp.ts';
import { type Budget, Capped } from './capped.ts';
import { milliseconds } from './seen.ts';

/** A file fetched from or sent to a TFTP server. */
export interface TftpTransferSummary {
  readonly client: string;
  readonly server: string;
  readonly file: string;
  readonly direction: 'read' | 'write';
  readonly firstFrame: number;
  readonly outcome: 'complete' | 'incomplete' | 'error' | 'unanswered' | 'size only';
  /** Bytes of the file that were seen, each once. */
  readonly bytes: number;
  /** From the first data to the last. */
  readonly durationMs: number;
  /** Negotiated size of a block (RFC 2348), 512 without. */
  readonly blockSize: number;
  /** The file's size as the server told it (RFC 2349). */
  readonly size?: number;
  /** Data blocks sent again. */
  readonly retransmits: number;
  /** Requests, more than one when the first went unanswered. */
  readonly requests: number;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Transfer {
  readonly client: string;
  readonly server: string;
  readonly file: string;
  readonly direction: 'read' | 'write';
  readonly firstFrame: number;
  requests: number;
  answered: boolean;
  blockSize: number;
  size: number | undefined;
  bytes: number;
  /** Highest block in order of appearance, counted on when the 16-bit number wraps. */
  highest: number;
  /** The block that ends the file, once it was seen. */
  final: number | undefined;
  acknowledged: number;
  firstData: bigint;
  lastData: bigint;
  retransmits: number;
  error: { readonly code: number; readonly message: string } | undefined;
}

/** The two ends of a datagram. */
export interface DatagramEnds {
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
}

/** Follows TFTP transfers (RFC 1350, RFC 2347 to 2349). */
export class TftpLog {
  private readonly transfers: Capped<number, Transfer>;
  /** Latest transfer of a client's address and port with a server. */
  private readonly latest: Capped<string, { transfer: Transfer }>;

  constructor(budget: Budget) {
    this.transfers = new Capped(budget);
    this.latest = new Capped(budget);
  }

  add(tftp: Tftp, { src, srcPort, dst, dstPort }: DatagramEnds, frame: number, time: bigint): void {
    const { opcode } = tftp;
    if (opcode === tftpOpcodes.rrq || opcode === tftpOpcodes.wrq) {
      this.request(`${src} ${srcPort} ${dst}`, tftp, src, dst, frame);
      return;
    }
    const transfer = (
      this.latest.get(`${dst} ${dstPort} ${src}`) ?? this.latest.get(`${src} ${srcPort} ${dst}`)
    )?.transfer;
    if (transfer) progress(transfer, tftp, transfer.server === src, time);
  }

  private request(
    key: string,
    { opcode, file = '' }: Tftp,
    client: string,
    server: string,
    frame: number,
  ): void {
    const known = this.latest.get(key);
    if (known && !known.transfer.answered && known.transfer.file === file) {
      known.transfer.requests++;
      return;
    }
    const transfer = this.transfers.take(frame, () => ({
      client,
      server,
      file,
      direction: opcode === tftpOpcodes.rrq ? 'read' : 'write',
      firstFrame: frame,
      requests: 1,
      answered: false,
      blockSize: 512,
      size: undefined,
      bytes: 0,
      highest: 0,
      final: undefined,
      acknowledged: 0,
      firstData: 0n,
      lastData: 0n,
      retransmits: 0,
      error: undefined,
    }));
    if (!transfer) return;
    if (known) known.transfer = transfer;
    else this.latest.take(key, () => ({ transfer }));
  }

  results(): TftpTransferSummary[] {
    return this.transfers.values().map(summary);
  }

  get turnedAway(): number {
    return this.transfers.turnedAway;
  }
}

function progress(transfer: Transfer, tftp: Tftp, fromServer: boolean, time: bigint): void {
  transfer.answered ||= fromServer;
  switch (tftp.opcode) {
    case tftpOpcodes.oack:
      transfer.blockSize = number(tftp.options?.blksize) ?? transfer.blockSize;
      transfer.size = number(tftp.options?.tsize) ?? transfer.size;
      return;
    case tftpOpcodes.data:
      if (tftp.block !== undefined) data(transfer, tftp.block, tftp.length ?? 0, time);
      return;
    case tftpOpcodes.ack:
      if (tftp.block !== undefined) {
        transfer.acknowledged = Math.max(transfer.acknowledged, unwrapped(tftp.block, transfer.highest));
      }
      return;
    case tftpOpcodes.error:
      transfer.error ??= { code: tftp.errorCode ?? 0, message: tftp.errorMessage ?? '' };
      return;
  }
}

/** An option's value, when it is a number as it should be. */
function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function data(transfer: Transfer, block: number, length: number, time: bigint): void {
  const full = unwrapped(block, transfer.highest);
  if (full <= transfer.highest) {
    transfer.retransmits++;
    return;
  }
  if (transfer.highest === 0) transfer.firstData = time;
  transfer.lastData = time;
  transfer.highest = full;
  transfer.bytes += length;
  if (length < transfer.blockSize) transfer.final = full;
}

/** The full number of a 16-bit block number, the one nearest to what was last seen. */
function unwrapped(block: number, near: number): number {
  const ahead = ((block - near) << 16) >> 16;
  return near + ahead;
}

function summary(transfer: Transfer): TftpTransferSummary {
  const { client, server, file, direction, firstFrame, bytes, blockSize, retransmits, requests } = transfer;
  return {
    client,
    server,
    file,
    direction,
    firstFrame,
    outcome: outcomeOf(transfer),
    bytes,
    durationMs: milliseconds(transfer.lastData - transfer.firstData),
    blockSize,
    ...(transfer.size === undefined ? {} : { size: transfer.size }),
    retransmits,
    requests,
    ...(transfer.error ? { error: transfer.error } : {}),
  };
}

function outcomeOf(transfer: Transfer): TftpTransferSummary['outcome'] {
  if (transfer.final !== undefined && transfer.acknowledged >= transfer.final) return 'complete';
  // PXE clients ask for the size, and end the transfer with an error before it begins.
  if (transfer.error && transfer.size !== undefined && transfer.bytes === 0) return 'size only';
  if (transfer.error) return 'error';
  return transfer.answered ? 'incomplete' : 'unanswered';
}
