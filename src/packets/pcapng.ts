import { CaptureError, type CaptureInterface } from './frame.ts';
import { type FormatParser, longestFrame } from './pcap.ts';
import type { Clock, RecordCursor } from './record.ts';
import type { Window } from './window.ts';

/** Block types of draft-ietf-opsawg-pcapng, section 11.1. */
export const blockTypes = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

export const byteOrderMagic = 0x1a2b3c4d;

/** Option codes; 1 is the comment in every block, the rest belongs to the interface description. */
export const optionCodes = { end: 0, comment: 1, name: 2, description: 3, timeResolution: 9, timeOffset: 14 };

/** Longest block that is read; blocks of unknown types are skipped, but have to fit into memory once. */
const longestBlock = 16 * 1024 * 1024;

interface Interface extends CaptureInterface {
  readonly clock: Clock;
}

/** pcapng files: sections of either byte order, any number of interfaces (draft-ietf-opsawg-pcapng). */
export class PcapngParser implements FormatParser {
  readonly interfaces: Interface[] = [];
  /** Index in `interfaces` of the current section's first. */
  private sectionStart = 0;
  private littleEndian = true;
  private inSection = false;

  next(window: Window, record: RecordCursor): boolean {
    for (;;) {
      const length = this.blockLength(window);
      if (length === 0) return false;
      const found = this.block(window, length, record);
      window.position += length;
      if (found) return true;
    }
  }

  /** Length of the block at the window's position, 0 when it is not all there yet. */
  private blockLength(window: Window): number {
    if (window.available < 12) return 0;
    const { bytes, position: at } = window;
    // The section header's type is a palindrome: it reads the same before its byte order is known.
    if (this.uint32(bytes, at) === blockTypes.sectionHeader) this.beginSection(window);
    else if (!this.inSection) throw new CaptureError(window.offset, 'no section header at the start');
    const length = this.uint32(bytes, at + 4);
    if (length < 12 || length > longestBlock || length % 4 !== 0) {
      throw new CaptureError(window.offset, `a block claims a length of ${length} bytes`);
    }
    if (window.available < length) return 0;
    const repeated = this.uint32(bytes, at + length - 4);
    if (repeated !== length) {
      throw new CaptureError(
        window.offset,
        `a block's two lengths differ: ${length} at its start, ${repeated} at its end`,
      );
    }
    return length;
  }

  private beginSection(window: Window): void {
    const { bytes, position: at } = window;
    this.littleEndian = bytes[at + 8] === 0x4d;
    if (this.uint32(bytes, at + 8) !== byteOrderMagic) {
      throw new CaptureError(window.offset, 'a section header without the byte-order magic');
    }
    this.inSection = true;
  }

  /** Reads the block at the window's position; true when it was a frame. */
  private block(window: Window, length: number, record: RecordCursor): boolean {
    const { bytes, position: at } = window;
    const body = at + 8;
    const end = at + length - 4;
    switch (this.uint32(bytes, at)) {
      case blockTypes.sectionHeader:
        this.sectionStart = this.interfaces.length;
        return false;
      case blockTypes.interfaceDescription:
        this.need(window, length, 20);
        this.interfaces.push(this.interfaceDescription(bytes, body, end));
        return false;
      case blockTypes.enhancedPacket:
        this.need(window, length, 32);
        record.length = this.uint32(bytes, body + 16);
        this.frame(window, record, this.uint32(bytes, body), body + 4, end);
        return true;
      case blockTypes.packet:
        this.need(window, length, 32);
        record.length = this.uint32(bytes, body + 16);
        this.frame(window, record, this.uint16(bytes, body), body + 4, end);
        return true;
      case blockTypes.simplePacket:
        this.need(window, length, 16);
        this.simplePacket(window, record, body, end);
        return true;
      default:
        return false;
    }
  }

  private need(window: Window, length: number, shortest: number): void {
    if (length < shortest) {
      throw new CaptureError(window.offset, `a block of ${length} bytes, its type needs ${shortest}`);
    }
  }

  private interfaceDescription(bytes: Uint8Array, body: number, end: number): Interface {
    const found: { name?: string; description?: string } = {};
    let resolution = 6;
    let offset = 0n;
    this.options(bytes, body + 8, end, (code, start, stop) => {
      const text = () => new TextDecoder().decode(bytes.subarray(start, stop));
      if (code === optionCodes.name) found.name = text();
      if (code === optionCodes.description) found.description = text();
      if (code === optionCodes.timeResolution && stop > start) resolution = bytes[start] as number;
      if (code === optionCodes.timeOffset && stop - start >= 8) {
        const view = new DataView(bytes.buffer, bytes.byteOffset + start, 8);
        offset = view.getBigInt64(0, this.littleEndian);
      }
    });
    return {
      linkType: this.uint16(bytes, body),
      snapLength: this.uint32(bytes, body + 4),
      ...found,
      clock: ticks(resolution, offset),
    };
  }

  /** The common part of both packet blocks: time at `at`, then the captured length, the wire length, the bytes. */
  private frame(window: Window, record: RecordCursor, id: number, at: number, end: number): void {
    const { bytes } = window;
    const captured = this.uint32(bytes, at + 8);
    const start = at + 16;
    if (captured > longestFrame || captured > end - start) {
      throw new CaptureError(
        window.offset,
        `frame ${record.number + 1} claims ${captured} captured bytes in a block with room for ${end - start}`,
      );
    }
    this.place(window, record, id, start, start + captured);
    record.timeHigh = this.uint32(bytes, at);
    record.timeLow = this.uint32(bytes, at + 4);
    const options = start + ((captured + 3) & ~3);
    if (options + 4 <= end) {
      this.options(bytes, options, end, (code, from, to) => {
        if (code !== optionCodes.comment || record.commentEnd > 0) return;
        record.commentStart = from;
        record.commentEnd = to;
      });
    }
  }

  private simplePacket(window: Window, record: RecordCursor, body: number, end: number): void {
    const limit = this.interfaces[this.sectionStart]?.snapLength || longestFrame;
    record.length = this.uint32(window.bytes, body);
    const captured = Math.min(record.length, limit);
    if (captured > end - body - 4) {
      throw new CaptureError(
        window.offset,
        `frame ${record.number + 1} claims ${captured} bytes in a block with room for ${end - body - 4}`,
      );
    }
    this.place(window, record, 0, body + 4, body + 4 + captured);
    record.clock = noClock;
  }

  private place(window: Window, record: RecordCursor, id: number, start: number, end: number): void {
    const index = this.sectionStart + id;
    const on = this.interfaces[index];
    if (!on) {
      throw new CaptureError(
        window.offset,
        `frame ${record.number + 1} names interface ${id}, the section describes ${
          this.interfaces.length - this.sectionStart
        }`,
      );
    }
    record.bytes = window.bytes;
    record.start = start;
    record.end = end;
    record.interface = on;
    record.interfaceId = index;
    record.clock = on.clock;
    record.commentEnd = 0;
    record.number++;
  }

  private options(
    bytes: Uint8Array,
    start: number,
    end: number,
    visit: (code: number, start: number, end: number) => void,
  ): void {
    for (let at = start; at + 4 <= end; ) {
      const code = this.uint16(bytes, at);
      const length = this.uint16(bytes, at + 2);
      if (code === optionCodes.end || at + 4 + length > end) return;
      visit(code, at + 4, at + 4 + length);
      at += 4 + ((length + 3) & ~3);
    }
  }

  private uint16(bytes: Uint8Array, at: number): number {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    return this.littleEndian ? (b << 8) | a : (a << 8) | b;
  }

  private uint32(bytes: Uint8Array, at: number): number {
    const low = this.uint16(bytes, at);
    const high = this.uint16(bytes, at + 2);
    return (this.littleEndian ? (high << 16) | low : (low << 16) | high) >>> 0;
  }
}

const noClock: Clock = { nanoseconds: () => 0n };

/**
 * The clock of an if_tsresol octet: a negative power of 10, or of 2 when the top bit is set.
 *
 * @param offset seconds to add (if_tsoffset)
 */
function ticks(resolution: number, offset: bigint): Clock {
  const perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  const shift = offset * 1_000_000_000n;
  return {
    nanoseconds: (high, low) => (((BigInt(high) << 32n) | BigInt(low)) * 1_000_000_000n) / perSecond + shift,
  };
}
