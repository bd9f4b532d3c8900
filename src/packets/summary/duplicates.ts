import type { Seen } from './seen.ts';

export interface DuplicateSummary {
  readonly frames: number;
  /** The first that was seen again, and when it was. */
  readonly first?: { readonly frame: number; readonly again: number };
}

/** The same bytes again within this time are one frame captured twice, or looped; a protocol takes longer to repeat. */
const windowNs = 100_000_000n;
const mostRemembered = 65_536;

/** Finds frames that were captured twice. */
export class Duplicates {
  /** Hash -> frame number, of the current window and of the one before. */
  private current = new Map<number, number>();
  private previous = new Map<number, number>();
  private currentSince = 0n;
  private frames = 0;
  private first: DuplicateSummary['first'];

  add({ layers, number, time }: Seen): void {
    if (time - this.currentSince > windowNs || this.current.size >= mostRemembered) this.turn(time);
    const key = hash(layers.bytes, layers.start, layers.frameEnd);
    const before = this.current.get(key) ?? this.previous.get(key);
    this.current.set(key, number);
    if (before === undefined) return;
    this.frames++;
    this.first ??= { frame: before, again: number };
  }

  private turn(time: bigint): void {
    this.previous = time - this.currentSince > 2n * windowNs ? new Map() : this.current;
    this.current = new Map();
    this.currentSince = time;
  }

  result(): DuplicateSummary {
    return this.first ? { frames: this.frames, first: this.first } : { frames: this.frames };
  }
}

/** 53 bits of two FNV-1a-like sums with different multipliers. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}
