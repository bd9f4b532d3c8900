import { gzipSync } from 'node:zlib';
import type { CapturedFrame } from '../../src/packets/frame.ts';

/** Writers of capture files in every form the readers know; the project itself writes only one of each. */

class Numbers {
  private readonly little: boolean;
  constructor(order: 'little' | 'big') {
    this.little = order === 'little';
  }
  u16(value: number): Uint8Array {
    const out = new Uint8Array(2);
    new DataView(out.buffer).setUint16(0, value, this.little);
    return out;
  }
  u32(...values: readonly number[]): Uint8Array {
    const out = new Uint8Array(4 * values.length);
    values.forEach((value, index) => {
      new DataView(out.buffer).setUint32(4 * index, value, this.little);
    });
    return out;
  }
  i64(value: bigint): Uint8Array {
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigInt64(0, value, this.little);
    return out;
  }
}

export type ByteOrder = 'little' | 'big';

export function pcap(
  frames: readonly CapturedFrame[],
  form: { order?: ByteOrder; nanoseconds?: boolean; modified?: boolean; linkType?: number } = {},
): Uint8Array {
  const n = new Numbers(form.order ?? 'little');
  const magic = form.modified ? 0xa1b2cd34 : form.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const linkType = form.linkType ?? frames[0]?.linkType ?? 1;
  const parts = [n.u32(magic), n.u16(2), n.u16(4), n.u32(0, 0, 65535, linkType)];
  for (const { time, bytes, length } of frames) {
    const below = Number(time % 1_000_000_000n);
    const ticks = form.nanoseconds ? below : Math.floor(below / 1000);
    parts.push(n.u32(Number(time / 1_000_000_000n), ticks, bytes.length, length));
    if (form.modified) parts.push(n.u32(2, 0));
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

export type PacketBlock = 'enhanced' | 'simple' | 'obsolete';

export interface PcapngForm {
  readonly order?: ByteOrder;
  /** if_tsresol octets, one for each interface; undefined leaves the option out (microseconds). */
  readonly resolutions?: readonly (number | undefined)[];
  /** if_tsoffset in seconds. */
  readonly offset?: bigint;
  readonly block?: PacketBlock;
  /** Blocks and options that a reader has to skip. */
  readonly extras?: boolean;
}

/** One section; frame number i goes to interface i modulo the number of interfaces (simple blocks: to the first). */
export function pcapngSection(frames: readonly CapturedFrame[], form: PcapngForm = {}): Uint8Array {
  const n = new Numbers(form.order ?? 'little');
  const resolutions = form.resolutions ?? [undefined];
  const block = (type: number, ...body: readonly Uint8Array[]) => {
    const content = Buffer.concat(body);
    const length = n.u32(content.length + 12);
    return Buffer.concat([n.u32(type), length, content, length]);
  };
  const option = (code: number, value: Uint8Array) =>
    Buffer.concat([n.u16(code), n.u16(value.length), padded(value)]);
  const end = option(0, new Uint8Array(0));
  const text = (value: string) => Buffer.from(value);
  const extras = form.extras
    ? [block(0x100, text('sixteen bytes...')), block(4, n.u16(0), n.u16(0)), block(5, n.u32(0, 0, 0), end)]
    : [];
  const parts: Uint8Array[] = [
    block(
      0x0a0d0d0a,
      n.u32(0x1a2b3c4d),
      n.u16(1),
      n.u16(0),
      n.i64(-1n),
      ...(form.extras ? [option(3, text('Linux')), option(1, text('comment')), end] : []),
    ),
  ];
  for (const [index, resolution] of resolutions.entries()) {
    parts.push(
      block(
        1,
        n.u16(frames[0]?.linkType ?? 1),
        n.u16(0),
        n.u32(form.block === 'simple' ? 0 : 262144),
        option(2, text(`eth${index}`)),
        ...(resolution === undefined ? [] : [option(9, Uint8Array.of(resolution))]),
        ...(form.offset === undefined ? [] : [option(14, n.i64(form.offset))]),
        ...(form.extras ? [option(12, text('Linux 6.1')), option(0x7000, text('unknown'))] : []),
        end,
      ),
    );
  }
  frames.forEach((frame, index) => {
    const on = index % resolutions.length;
    const ticks = ticksOf(frame.time - (form.offset ?? 0n) * 1_000_000_000n, resolutions[on]);
    const time = n.u32(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
    const lengths = n.u32(frame.bytes.length, frame.length);
    const data = padded(frame.bytes);
    const options = form.extras ? [option(2, n.u32(1)), option(1, text(`frame ${index + 1}`)), end] : [];
    if (form.block === 'simple') parts.push(block(3, n.u32(frame.length), data));
    else if (form.block === 'obsolete') {
      parts.push(block(2, n.u16(on), n.u16(0xffff), time, lengths, data, ...options));
    } else parts.push(block(6, n.u32(on), time, lengths, data, ...options));
    parts.push(...extras);
  });
  return Buffer.concat(parts);
}

function ticksOf(nanoseconds: bigint, resolution = 6): bigint {
  const perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  return (nanoseconds * perSecond) / 1_000_000_000n;
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
}

/** The frames in every file format, by name. */
export function everyContainer(frames: readonly CapturedFrame[]): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = {};
  for (const order of ['little', 'big'] as const) {
    all[`pcap-${order}-us`] = pcap(frames, { order });
    all[`pcap-${order}-ns`] = pcap(frames, { order, nanoseconds: true });
    all[`pcap-${order}-modified`] = pcap(frames, { order, modified: true });
    all[`pcapng-${order}`] = pcapngSection(frames, { order });
    all[`pcapng-${order}-simple`] = pcapngSection(frames, { order, block: 'simple' });
    all[`pcapng-${order}-obsolete`] = pcapngSection(frames, { order, block: 'obsolete' });
    all[`pcapng-${order}-extras`] = pcapngSection(frames, { order, extras: true, resolutions: [9] });
    all[`pcapng-${order}-resolutions`] = pcapngSection(frames, { order, resolutions: [6, 9, 3, 0x80 | 20] });
    all[`pcapng-${order}-offset`] = pcapngSection(frames, { order, resolutions: [9], offset: 1_000_000n });
  }
  const middle = Math.ceil(frames.length / 2);
  all['pcapng-sections'] = Buffer.concat([
    pcapngSection(frames.slice(0, middle), { order: 'little', resolutions: [9, 6] }),
    pcapngSection(frames.slice(middle), { order: 'big', resolutions: [6, 3] }),
  ]);
  all['pcap-gzip'] = gzipSync(pcap(frames));
  all['pcapng-gzip'] = gzipSync(pcapngSection(frames, { extras: true }));
  return all;
}
