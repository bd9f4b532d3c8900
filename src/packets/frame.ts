import { LabError } from '../errors.ts';

/** One frame of a capture file, as it was recorded. */
export interface CapturedFrame {
  /** 1-based position in the file. */
  readonly number: number;
  /** Nanoseconds since the epoch; 0 when the file gives no time (pcapng simple packet blocks). */
  readonly time: bigint;
  /** Bytes on the wire; more than `bytes.length` when the capture cut the frame. */
  readonly length: number;
  /** LINKTYPE_ number, see {@link linkTypes}. */
  readonly linkType: number;
  /** pcapng: index of the interface among all interfaces of the file, over section borders. */
  readonly interfaceId?: number;
  /** pcapng: the frame's opt_comment. */
  readonly comment?: string;
  readonly bytes: Uint8Array;
}

/** An interface described by a pcapng file; a pcap file has exactly one, without a name. */
export interface CaptureInterface {
  readonly linkType: number;
  /** Longest captured frame in bytes, 0 for no limit. */
  readonly snapLength: number;
  readonly name?: string;
  readonly description?: string;
}

/** The link types that are decoded (https://www.tcpdump.org/linktypes.html). */
export const linkTypes = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

/** Damage in a capture file. Everything before `offset` was delivered. */
export class CaptureError extends LabError {
  /** Byte offset of the damaged record or block in the (uncompressed) file. */
  readonly offset: number;

  constructor(offset: number, what: string, options: { cause?: unknown } = {}) {
    super('usage', `${what} (at byte ${offset})`, options);
    this.name = 'CaptureError';
    this.offset = offset;
  }
}
