import type { Dissection } from '../dissection.ts';

/** A frame of a capture as the parts of a summary look at it. Valid during the call only. */
export interface Seen {
  /** 1-based in the file. */
  readonly number: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** Bytes on the wire. */
  readonly length: number;
  readonly layers: Dissection;
  /** Number of the frame that this one is again, captured twice. */
  readonly again: number | undefined;
}

/** Nanoseconds as milliseconds. */
export function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
