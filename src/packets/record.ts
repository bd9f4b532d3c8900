import { type CapturedFrame, type CaptureInterface, linkTypes } from './frame.ts';

/** Turns the two 32-bit words of a record's time stamp into nanoseconds since the epoch. */
export interface Clock {
  nanoseconds(high: number, low: number): bigint;
}

/**
 * The record a parser stands on: one object, overwritten by each step, so that a pass over a million frames
 * allocates nothing. `bytes` is the parser's window, the frame is `bytes[start..end)`.
 */
export class RecordCursor {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** 1-based position in the file. */
  number = 0;
  /** Bytes on the wire. */
  length = 0;
  /** Where the frame was captured; a pcap file has one interface without a name. */
  interface: CaptureInterface = { linkType: linkTypes.ethernet, snapLength: 0 };
  /** Index of the pcapng interface, -1 in a pcap file. */
  interfaceId = -1;
  timeHigh = 0;
  timeLow = 0;
  clock: Clock = { nanoseconds: () => 0n };
  commentStart = 0;
  commentEnd = 0;

  /** Nanoseconds since the epoch. */
  time(): bigint {
    return this.clock.nanoseconds(this.timeHigh, this.timeLow);
  }

  /** The record as a value of its own; its bytes are a view of the window. */
  toFrame(): CapturedFrame {
    const bytes = this.bytes.subarray(this.start, this.end);
    const { number, length } = this;
    const { linkType } = this.interface;
    const time = this.time();
    if (this.interfaceId < 0) return { number, time, length, linkType, bytes };
    const frame = { number, time, length, linkType, interfaceId: this.interfaceId, bytes };
    const comment = this.comment();
    return comment === undefined ? frame : { ...frame, comment };
  }

  /** The frame's comment, in pcapng. */
  comment(): string | undefined {
    if (this.commentEnd === 0) return undefined;
    return new TextDecoder().decode(this.bytes.subarray(this.commentStart, this.commentEnd));
  }
}
