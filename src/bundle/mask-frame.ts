import { transportChecksums } from '../packets/checksum.ts';
import { dissect } from '../packets/dissect.ts';
import { Dissection } from '../packets/dissection.ts';
import { linkTypes } from '../packets/frame.ts';
import { ipProtocols } from '../packets/ipv4.ts';

const star = 0x2a;
/** So much of a word at the edge of a TCP segment is taken for part of it: the rest is in another segment. */
const shortestPart = 4;

const dissection = new Dissection();

/** Bytes `[start, end)` of a frame. */
type Span = readonly [start: number, end: number];

/**
 * An Ethernet frame in which stars stand for each of these words. The checksum above IP is brought up to date (RFC 1624),
 * so that a good one stays good and a bad one bad. The frame itself when none is in it.
 */
export function maskInFrame(bytes: Uint8Array, words: readonly Buffer[]): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  dissect(bytes, 0, bytes.length, bytes.length, linkTypes.ethernet, dissection, null);
  const { protocol, payloadAt, payloadEnd } = dissection;
  const segment =
    protocol === ipProtocols.tcp && payloadAt >= 0 ? ([payloadAt, payloadEnd] as const) : undefined;
  const spans = words.flatMap((word) => [
    ...spansOf(buffer, word),
    ...(segment ? partsAtEdges(buffer, segment, word) : []),
  ]);
  if (spans.length === 0) return bytes;
  const masked = Uint8Array.from(bytes);
  for (const [start, end] of spans) masked.fill(star, start, end);
  correctChecksum(bytes, masked);
  return masked;
}

function spansOf(bytes: Buffer, word: Buffer): Span[] {
  const spans: Span[] = [];
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1))
    spans.push([at, at + word.length]);
  return spans;
}

/** The beginning of a word at the end of a segment, and its end at the beginning of one. */
function partsAtEdges(bytes: Buffer, [start, end]: Span, word: Buffer): Span[] {
  const spans: Span[] = [];
  const last = bytes.subarray(Math.max(start, end - word.length + 1), end);
  const begun = last.indexOf(word.subarray(0, shortestPart));
  if (begun >= 0 && last.subarray(begun).equals(word.subarray(0, last.length - begun))) {
    spans.push([end - last.length + begun, end]);
  }
  const first = bytes.subarray(start, Math.min(end, start + word.length - 1));
  const ended = first.indexOf(word.subarray(-shortestPart)) + shortestPart;
  if (ended >= shortestPart && first.subarray(0, ended).equals(word.subarray(-ended))) {
    spans.push([start, start + ended]);
  }
  return spans;
}

/** Changes the checksum by what has changed in the dissected packet: HC' = ~(~HC + ~m + m') (RFC 1624, section 3). */
function correctChecksum(before: Uint8Array, after: Uint8Array): void {
  const { protocol, transportAt, transportEnd, upper } = dissection;
  const field = transportChecksums.get(protocol)?.at;
  // That of a packet in fragments is in the first alone.
  if (field === undefined || transportAt < 0 || upper !== before) return;
  const at = transportAt + field;
  const old = wordAt(before, at, transportEnd);
  if (old === 0 && protocol === ipProtocols.udp) return;
  let sum = ~old & 0xffff;
  for (let here = transportAt; here < transportEnd; here += 2) {
    const [was, is] = [wordAt(before, here, transportEnd), wordAt(after, here, transportEnd)];
    if (was !== is) sum = carried(sum + (~was & 0xffff) + is);
  }
  const checksum = ~sum & 0xffff;
  // UDP writes a sum of 0 as its complement (RFC 768).
  const written = checksum === 0 && protocol === ipProtocols.udp ? 0xffff : checksum;
  after[at] = written >>> 8;
  after[at + 1] = written & 0xff;
}

function carried(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** A big-endian word; an odd byte at the end counts as if a zero followed (RFC 1071). */
function wordAt(bytes: Uint8Array, at: number, end: number): number {
  return ((bytes[at] ?? 0) << 8) | (at + 1 < end ? (bytes[at + 1] ?? 0) : 0);
}
