import { createHash } from 'node:crypto';
import { type DecodedFrame, decodeFrame, vlanId } from '../packets/decode.ts';
import type { CapturedFrame } from '../packets/frame.ts';
import type { PointMap } from './map.ts';

/** A frame as it was seen at one point. */
export interface SeenFrame {
  /** `host/interface` */
  readonly point: string;
  /** The capture file it is in. */
  readonly file: string;
  /** 1-based in that file. */
  readonly number: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** The outermost VLAN tag's id; null for an untagged frame. */
  readonly vlan: number | null;
  readonly decoded: DecodedFrame;
  readonly bytes: Uint8Array;
}

/** One frame on its way: where it was seen, in order. */
export interface Journey {
  readonly hops: readonly SeenFrame[];
}

/** What a capture file holds, as frames seen at a point. */
export function seenFrames(point: string, file: string, frames: readonly CapturedFrame[]): SeenFrame[] {
  return frames.map((frame) => {
    const decoded = decodeFrame(frame);
    return {
      point,
      file,
      number: frame.number,
      time: frame.time,
      vlan: vlanId(decoded),
      decoded,
      bytes: frame.bytes,
    };
  });
}

/** Frames of one content further apart than this are not one frame on its way. */
const longestFlightNs = 2_000_000_000n;
/** Within this time of its last hop a frame's next hop is expected. */
const usualHopNs = 50_000_000n;

/**
 * Joins frames that were seen at several points into journeys. Frames are told apart by content that translation does
 * not change: VLAN tags never count, and of an IPv4 packet that a router passed on only what routers leave alone.
 * The same content again at the same point (a retransmission, a duplicate) starts a journey of its own.
 *
 * @param map orders hops whose times tell nothing, because one pass through Open vSwitch put the frame out at several
 *   ports
 */
export function joinJourneys(frames: readonly SeenFrame[], map: PointMap): Journey[] {
  const inTime = [...frames].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const open = new Map<string, SeenFrame[][]>();
  const all: SeenFrame[][] = [];
  for (const frame of inTime) {
    const key = contentKey(frame);
    let journeys = open.get(key);
    if (!journeys) {
      journeys = [];
      open.set(key, journeys);
    }
    const journey = continued(journeys, frame);
    if (journey) {
      journey.push(frame);
    } else {
      const started = [frame];
      journeys.push(started);
      all.push(started);
    }
  }
  return all.map((hops) => ({ hops: ordered(hops, map) }));
}

/** The journey that a frame goes on: the oldest that waits for its next hop, else the latest that is still in flight. */
function continued(journeys: readonly SeenFrame[][], frame: SeenFrame): SeenFrame[] | undefined {
  const fitting = journeys.filter((hops) => {
    const first = hops[0];
    return (
      first && frame.time - first.time < longestFlightNs && !hops.some(({ point }) => point === frame.point)
    );
  });
  const expecting = fitting.find((hops) => frame.time - (hops.at(-1)?.time ?? 0n) < usualHopNs);
  return expecting ?? fitting.at(-1);
}

/** Hops in the order of their distance from the first, which is the first in time: time alone errs by microseconds. */
function ordered(hops: readonly SeenFrame[], map: PointMap): SeenFrame[] {
  const [first] = hops;
  if (!first) return [];
  const distances = map.distancesFrom(first.point);
  const distance = ({ point }: SeenFrame) => distances.get(point) ?? Number.MAX_SAFE_INTEGER;
  return [...hops].sort((a, b) => distance(a) - distance(b) || Number(a.time - b.time));
}

function contentKey(frame: SeenFrame): string {
  return createHash('sha1').update(identity(frame)).digest('base64');
}

/** The bytes by which a frame is known wherever it is seen. */
function identity({ bytes, decoded }: SeenFrame): Uint8Array {
  const { ipv4 } = decoded;
  const payloadAt = 14 + 4 * decoded.vlans.length;
  if (!decoded.eth) return bytes;
  if (!ipv4) return Buffer.concat([bytes.subarray(0, 12), bytes.subarray(payloadAt - 2)]);
  // A router changes MACs, time to live and checksums, and with SNAT addresses and ports too. What stays is the
  // packet's identification, its protocol and what it carries.
  const headerLength = ((bytes[payloadAt] ?? 0) & 0x0f) * 4;
  const transport = bytes.subarray(payloadAt + headerLength);
  const carried = transport.subarray(transportHeaderLength(decoded));
  const identification = bytes.subarray(payloadAt + 4, payloadAt + 8);
  return Buffer.concat([identification, bytes.subarray(payloadAt + 9, payloadAt + 10), carried]);
}

/** How much of the transport's header holds ports and checksums. */
function transportHeaderLength(decoded: DecodedFrame): number {
  if (decoded.udp) return 8;
  if (decoded.tcp) return 20;
  return 0;
}
