import { CaptureError, type CaptureInterface } from './frame.ts';
import type { Clock, RecordCursor } from './record.ts';
import type { Window } from './window.ts';

/** Parses the records of one capture format out of a window. */
export interface FormatParser {
  readonly interfaces: readonly CaptureInterface[];
  /**
   * Steps to the next frame.
   *
   * @returns false when the window does not hold the whole of it
   * @throws CaptureError when the bytes are no record of the format
   */
  next(window: Window, record: RecordCursor): boolean;
}

/** No format or tool writes longer frames; a record that claims to be longer is damage. */
export const longestFrame = 262_144;

const fileHeaderLength = 24;

interface Variant {
  readonly littleEndian: boolean;
  readonly nanosecondsPerTick: number;
  readonly recordHeaderLength: number;
}

/** By the four bytes at the start of the file, as they lie there. */
const variants: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { littleEndian: false, nanosecondsPerTick: 1000, recordHeaderLength: 16 }],
  [0xd4c3b2a1, { littleEndian: true, nanosecondsPerTick: 1000, recordHeaderLength: 16 }],
  [0xa1b23c4d, { littleEndian: false, nanosecondsPerTick: 1, recordHeaderLength: 16 }],
  [0x4d3cb2a1, { littleEndian: true, nanosecondsPerTick: 1, recordHeaderLength: 16 }],
  // Kuznetzov's libpcap of old Linux distributions: eight more bytes in each record header.
  [0xa1b2cd34, { littleEndian: false, nanosecondsPerTick: 1000, recordHeaderLength: 24 }],
  [0x34cdb2a1, { littleEndian: true, nanosecondsPerTick: 1000, recordHeaderLength: 24 }],
]);

export function isPcap(magic: number): boolean {
  return variants.has(magic);
}

/** pcap files of both byte orders, with micro- and nanoseconds (draft-ietf-opsawg-pcap). */
export class PcapParser implements FormatParser {
  readonly interfaces: CaptureInterface[] = [];
  private readonly variant: Variant;
  private readonly clock: Clock;
  private interface: CaptureInterface | undefined;

  constructor(magic: number) {
    const variant = variants.get(magic);
    if (!variant) throw new TypeError(`${magic.toString(16)} is not a pcap magic number`);
    this.variant = variant;
    const scale = BigInt(variant.nanosecondsPerTick);
    this.clock = { nanoseconds: (high, low) => BigInt(high) * 1_000_000_000n + BigInt(low) * scale };
  }

  next(window: Window, record: RecordCursor): boolean {
    this.interface ??= this.fileHeader(window);
    if (!this.interface) return false;
    const headerLength = this.variant.recordHeaderLength;
    if (window.available < headerLength) return false;
    const { bytes, position: at } = window;
    const captured = this.uint32(bytes, at + 8);
    if (captured > longestFrame) {
      throw new CaptureError(window.offset, `frame ${record.number + 1} claims ${captured} captured bytes`);
    }
    if (window.available < headerLength + captured) return false;
    record.timeHigh = this.uint32(bytes, at);
    record.timeLow = this.uint32(bytes, at + 4);
    record.length = this.uint32(bytes, at + 12);
    record.bytes = bytes;
    record.start = at + headerLength;
    record.end = record.start + captured;
    record.interface = this.interface;
    record.clock = this.clock;
    record.number++;
    window.position = record.end;
    return true;
  }

  private fileHeader(window: Window): CaptureInterface | undefined {
    if (window.available < fileHeaderLength) return undefined;
    const { bytes, position: at } = window;
    const described = {
      // The upper bits tell about a frame check sequence.
      linkType: this.uint32(bytes, at + 20) & 0x03ff_ffff,
      snapLength: this.uint32(bytes, at + 16),
    };
    this.interfaces.push(described);
    window.position += fileHeaderLength;
    return described;
  }

  private uint32(bytes: Uint8Array, at: number): number {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    return (
      (this.variant.littleEndian
        ? (d << 24) | (c << 16) | (b << 8) | a
        : (a << 24) | (b << 16) | (c << 8) | d) >>> 0
    );
  }
}
