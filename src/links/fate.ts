import type { LinkFaults } from '../topology/schema.ts';

/** Which way a frame goes through a link: `in` is towards devstack (or from a server to its switch), `out` away from it. */
export type LinkDirection = 'in' | 'out';

/** What becomes of a frame, apart from waiting. */
export interface Fate {
  readonly lost: boolean;
  readonly duplicated: boolean;
  /** The next frame of its direction overtakes it. */
  readonly overtaken: boolean;
  /** How much longer (or shorter) than `delay_ms` it is on its way, in ms. */
  readonly jitterMs: number;
}

const decisions = { lost: 0, duplicated: 1, overtaken: 2, jitter: 3 } as const;

/**
 * The fate of the n-th frame of a direction: a function of its arguments alone. It does not depend on what became of
 * the frames before, so that a link with more loss loses the same frames and more.
 *
 * @param n 1 is the first
 */
export function fateOf(faults: LinkFaults, direction: LinkDirection, n: number): Fate {
  const draw = (decision: number) => uniform([faults.seed, direction === 'in' ? 0 : 1, n, decision]);
  return {
    lost: draw(decisions.lost) < faults.loss,
    duplicated: draw(decisions.duplicated) < faults.duplicate,
    overtaken: draw(decisions.overtaken) < faults.reorder,
    jitterMs: faults.jitter_ms * (2 * draw(decisions.jitter) - 1),
  };
}

/** A number from 0 up to but not including 1, evenly spread: MurmurHash3 (x86, 32 bits, seed 0) of some words. */
function uniform(words: readonly number[]): number {
  let hash = 0;
  for (const word of words) {
    const mixed = Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotateLeft(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= words.length * 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
