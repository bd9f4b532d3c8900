import type { CapturedFrame } from './frame.ts';
import { blockTypes, byteOrderMagic, optionCodes } from './pcapng.ts';

const snapLength = 262_144;

/** A pcap file of these frames: little endian, nanoseconds. All must have the one link type. */
export function pcapFile(linkType: number, frames: Iterable<CapturedFrame>): Uint8Array {
  const parts: Uint8Array[] = [pcapHeader(linkType)];
  for (const frame of frames) {
    if (frame.linkType !== linkType) {
      throw new TypeError(`frame ${frame.number} has link type ${frame.linkType}, the file ${linkType}`);
    }
    parts.push(pcapRecord(frame));
  }
  return Buffer.concat(parts);
}

/** The 24 bytes a pcap file starts with (draft-ietf-opsawg-pcap, section 4). */
export function pcapHeader(linkType: number): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

/** A record of a pcap file with nanoseconds. */
export function pcapRecord(frame: CapturedFrame): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Number(BigInt.asUintN(32, frame.time / 1_000_000_000n)), 0);
  header.writeUInt32LE(Number(frame.time % 1_000_000_000n), 4);
  header.writeUInt32LE(frame.bytes.length, 8);
  header.writeUInt32LE(frame.length, 12);
  return Buffer.concat([header, frame.bytes]);
}

/** An interface of a pcapng file: for a merged capture, one capture point. */
export interface WrittenInterface {
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
  readonly comment?: string;
}

/** A pcapng file of one section; each frame's `interfaceId` is an index into `interfaces` (default 0). */
export function pcapngFile(
  interfaces: readonly WrittenInterface[],
  frames: Iterable<CapturedFrame>,
  options: { comment?: string } = {},
): Uint8Array {
  const parts = [sectionHeader(options), ...interfaces.map(interfaceDescription)];
  for (const frame of frames) parts.push(enhancedPacket(frame));
  return Buffer.concat(parts);
}

/** The block a pcapng stream starts with (draft-ietf-opsawg-pcapng, section 4.1). */
export function sectionHeader(options: { comment?: string } = {}): Uint8Array {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(byteOrderMagic, 0);
  body.writeUInt16LE(1, 4);
  body.writeBigInt64LE(-1n, 8);
  return block(blockTypes.sectionHeader, body, textOptions([[optionCodes.comment, options.comment]]));
}

/** Describes the next interface of the section; its times are in nanoseconds. */
export function interfaceDescription(described: WrittenInterface): Uint8Array {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(described.linkType, 0);
  body.writeUInt32LE(snapLength, 4);
  return block(blockTypes.interfaceDescription, body, [
    option(optionCodes.timeResolution, Uint8Array.of(9)),
    ...textOptions([
      [optionCodes.name, described.name],
      [optionCodes.description, described.description],
      [optionCodes.comment, described.comment],
    ]),
  ]);
}

/** One frame, on the interface `frame.interfaceId` of the section. */
export function enhancedPacket(frame: CapturedFrame): Uint8Array {
  const header = Buffer.alloc(20);
  header.writeUInt32LE(frame.interfaceId ?? 0, 0);
  header.writeUInt32LE(Number(BigInt.asUintN(32, frame.time >> 32n)), 4);
  header.writeUInt32LE(Number(BigInt.asUintN(32, frame.time)), 8);
  header.writeUInt32LE(frame.bytes.length, 12);
  header.writeUInt32LE(frame.length, 16);
  const body = Buffer.concat([header, padded(frame.bytes)]);
  return block(blockTypes.enhancedPacket, body, textOptions([[optionCodes.comment, frame.comment]]));
}

function block(type: number, body: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const end = options.length > 0 ? [option(optionCodes.end, new Uint8Array(0))] : [];
  const content = Buffer.concat([body, ...options, ...end]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(content.length + 12, 4);
  return Buffer.concat([head, content, head.subarray(4)]);
}

function textOptions(texts: readonly (readonly [code: number, text: string | undefined])[]): Uint8Array[] {
  return texts.flatMap(([code, text]) => (text === undefined ? [] : [option(code, Buffer.from(text))]));
}

function option(code: number, value: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(code, 0);
  header.writeUInt16LE(value.length, 2);
  return Buffer.concat([header, padded(value)]);
}

/** Fields of pcapng are padded to 32 bits. */
function padded(bytes: Uint8Array): Uint8Array {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
