import type { Dissection } from '../dissection.ts';

/** The same bytes again within this time are one frame captured twice, or looped; a protocol takes longer to repeat. */
const windowNs = 100_000_000n;
const mostRemembered = 32_768;

/** Remembers the frames of the last moments, to find those that are captured twice. */
export class RecentFrames {
  /** Hash -> frame number, of the current window and of the one before. */
  private current = new Map<number, number>();
  private previous = new Map<number, number>();
  private currentSince = 0n;

  /**
   * Takes a frame and answers the number of the frame that it is again.
   *
   * @param point interface at which it was captured: the same frame at another point is on its way
   */
  add(
    { bytes, start, frameEnd }: Dissection,
    point: number,
    number: number,
    time: bigint,
  ): number | undefined {
    if (time - this.currentSince > windowNs || this.current.size >= mostRemembered) this.turn(time);
    const key = hash(bytes, start, frameEnd, point);
    const before = this.current.get(key) ?? this.previous.get(key);
    this.current.set(key, number);
    return before;
  }

  private turn(time: bigint): void {
    this.previous = time - this.currentSince > 2n * windowNs ? new Map() : this.current;
    this.current = new Map();
    this.currentSince = time;
  }
}

/** 53 bits of two FNV-1a-like sums with different multipliers. */
function hash(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let a = 0x811c9dc5 ^ seed;
  let b = 0x9e3779b9;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}
