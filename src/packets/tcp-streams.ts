import { hexOf, uint32 } from './addresses.ts';
import type { Dissection, StreamMessages } from './dissection.ts';
import { HttpParser, looksLikeHttp } from './http.ts';
import { ipProtocols } from './ipv4.ts';
import { IscsiParser, iscsiPort } from './iscsi.ts';

/** Takes the bytes of one direction in order and adds what they complete; false: they are not of its protocol. */
type Application = (bytes: Uint8Array, found: StreamMessages) => boolean;

/** One direction of a connection. */
interface Stream {
  /** Sequence number of the next byte in order. */
  next: number;
  /** Segments that came too early, by sequence number. */
  readonly early: Map<number, Uint8Array>;
  /** undefined until the first bytes were seen, null when their protocol is none of ours. */
  application: Application | null | undefined;
}

const mostStreams = 4096;
/** Bytes that wait for earlier ones, in all streams together. */
const mostEarlyBytes = 8 * 1024 * 1024;
/** Segments that wait, in one stream: more than a lost segment leaves behind. */
const mostEarly = 1024;

const synFlag = 2;

/** Puts TCP streams in order and finds the HTTP and iSCSI messages in them (RFC 9293 3.10). */
export class TcpStreams {
  private readonly streams = new Map<string, Stream>();
  private earlyBytes = 0;

  /** Takes the segments in the frame and notes in its layers which messages they complete. */
  follow(d: Dissection, point: number): void {
    for (let layers: Dissection | null = d; layers && !layers.quoted; layers = layers.inner) {
      if (layers.protocol === ipProtocols.tcp && layers.transportAt >= 0) {
        layers.messages = this.add(layers, point) ?? null;
      }
    }
  }

  private add(d: Dissection, point: number): StreamMessages | undefined {
    const { upper, transportAt, payloadAt, payloadEnd } = d;
    const isSyn = ((upper[transportAt + 13] as number) & synFlag) !== 0;
    if (payloadAt < 0 || (!isSyn && payloadAt === payloadEnd)) return undefined;
    const seq = (uint32(upper, transportAt + 4) + (isSyn ? 1 : 0)) >>> 0;
    const key = keyOf(d, point);
    let stream = this.streams.get(key);
    if (!stream || (isSyn && stream.next !== seq)) stream = this.begin(key, seq);
    if (stream.application === null) return undefined;
    if (d.missing > 0) {
      // The capture cut the segment.
      this.giveUp(stream);
      return undefined;
    }
    const found: StreamMessages = { http: [], iscsi: [] };
    this.take(stream, seq, upper.subarray(payloadAt, payloadEnd), d, found);
    return found.http.length + found.iscsi.length > 0 ? found : undefined;
  }

  private begin(key: string, next: number): Stream {
    this.end(key);
    for (const oldest of this.streams.keys()) {
      if (this.streams.size < mostStreams) break;
      this.end(oldest);
    }
    const stream: Stream = { next, early: new Map(), application: undefined };
    this.streams.set(key, stream);
    return stream;
  }

  private end(key: string): void {
    const stream = this.streams.get(key);
    if (stream) this.giveUp(stream);
    this.streams.delete(key);
  }

  /** Where the stream's next message begins cannot be told any more. */
  private giveUp(stream: Stream): void {
    for (const bytes of stream.early.values()) this.earlyBytes -= bytes.length;
    stream.early.clear();
    stream.application = null;
  }

  private take(stream: Stream, seq: number, bytes: Uint8Array, d: Dissection, found: StreamMessages): void {
    // How far the segment lies behind what is awaited, or before it when negative: sequence numbers wrap.
    const ahead = (seq - stream.next) | 0;
    if (ahead > 0) {
      this.keepEarly(stream, seq, bytes);
      return;
    }
    if (-ahead >= bytes.length) return;
    feed(stream, bytes.subarray(-ahead), d, found);
    for (let more = this.nextEarly(stream); more; more = this.nextEarly(stream)) feed(stream, more, d, found);
  }

  private keepEarly(stream: Stream, seq: number, bytes: Uint8Array): void {
    if (stream.early.has(seq)) return;
    if (this.earlyBytes + bytes.length > mostEarlyBytes || stream.early.size >= mostEarly) {
      this.giveUp(stream);
      return;
    }
    stream.early.set(seq, bytes.slice());
    this.earlyBytes += bytes.length;
  }

  /** The bytes of an early segment whose turn has come. */
  private nextEarly(stream: Stream): Uint8Array | undefined {
    for (const [seq, bytes] of stream.early) {
      const ahead = (seq - stream.next) | 0;
      if (ahead > 0) continue;
      stream.early.delete(seq);
      this.earlyBytes -= bytes.length;
      if (-ahead < bytes.length) return bytes.subarray(-ahead);
    }
    return undefined;
  }
}

function keyOf(d: Dissection, point: number): string {
  const { bytes, ipAt: at } = d;
  const addresses = d.ipVersion === 4 ? hexOf(bytes, at + 12, at + 20) : hexOf(bytes, at + 8, at + 40);
  return `${point} ${addresses} ${d.srcPort} ${d.dstPort}`;
}

function feed(stream: Stream, bytes: Uint8Array, d: Dissection, found: StreamMessages): void {
  stream.next = (stream.next + bytes.length) >>> 0;
  if (stream.application === undefined) stream.application = recognised(bytes, d);
  if (stream.application?.(bytes, found) === false) stream.application = null;
}

function recognised(bytes: Uint8Array, d: Dissection): Application | null {
  if (d.srcPort === iscsiPort || d.dstPort === iscsiPort) {
    const parser = new IscsiParser();
    return (more, { iscsi }) => parser.feed(more, iscsi);
  }
  if (!looksLikeHttp(bytes)) return null;
  const parser = new HttpParser();
  return (more, { http }) => parser.feed(more, http);
}
