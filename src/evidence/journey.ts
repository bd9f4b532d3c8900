import { type DecodedFrame, FrameDecoder, vlanId } from '../packets/decode.ts';
import { dissect } from '../packets/dissect.ts';
import { Dissection } from '../packets/dissection.ts';
import { type CapturedFrame, linkTypes } from '../packets/frame.ts';
import { byTime } from './by-time.ts';
import { joinGroups } from './join.ts';
import type { PointMap } from './map.ts';
import { Sightings } from './sightings.ts';

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
  const decoder = new FrameDecoder();
  return frames.map((frame) => {
    const decoded = decoder.decode(frame);
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

/**
 * Joins frames that were seen at several points into journeys. Frames are told apart by content that translation does
 * not change: VLAN tags never count, and of an IP packet that a router passed on only what routers leave alone.
 * The same content again at the same point (a retransmission, a duplicate) starts a journey of its own.
 *
 * @param map tells behind which points a router lies, and orders hops whose times tell nothing, because one pass through
 *   Open vSwitch put the frame out at several ports
 */
export function joinJourneys(frames: readonly SeenFrame[], map: PointMap): Journey[] {
  const inTime = [...frames].sort(byTime);
  const points = [...new Set(inTime.map(({ point }) => point))];
  const indexes = new Map(points.map((point, index) => [point, index]));
  const sightings = new Sightings();
  for (const { point, number, time, bytes, decoded } of inTime) {
    const linkType = decoded.eth ? linkTypes.ethernet : unknownLinkType;
    dissect(bytes, 0, bytes.length, bytes.length, linkType, dissection, null);
    sightings.add(indexes.get(point) ?? 0, number, time, dissection, 0, bytes.length);
  }
  const routed = (from: number, to: number) => map.isRouted(points[from] ?? '', points[to] ?? '');
  return joinGroups(sightings, sightings.groups(), { routed }).map((flights) => ({
    hops: flights.flatMap((flight) =>
      ordered(
        Array.from(flight, (index) => inTime[index] as SeenFrame),
        map,
      ),
    ),
  }));
}

const dissection = new Dissection();
/** A frame of another link type than Ethernet is known by all its bytes. */
const unknownLinkType = -1;

/** Hops in the order of their distance from the first, which is the first in time: time alone errs by microseconds. */
function ordered(hops: readonly SeenFrame[], map: PointMap): SeenFrame[] {
  const [first] = hops;
  if (!first) return [];
  const distances = map.distancesFrom(first.point);
  const distance = ({ point }: SeenFrame) => distances.get(point) ?? Number.MAX_SAFE_INTEGER;
  return [...hops].sort((a, b) => distance(a) - distance(b) || Number(a.time - b.time));
}
