import type { PlannedRun } from './plan.ts';

/** Longest first, so that none of the long ones is left alone at the end. */
export function longestFirst<Run extends Pick<PlannedRun, 'id' | 'weight'>>(
  runs: readonly Run[],
  remembered: Readonly<Record<string, number>>,
): Run[] {
  const expectedMs = ({ id, weight }: Run) => remembered[id] ?? weight.seconds * 1000;
  return [...runs].sort((a, b) => expectedMs(b) - expectedMs(a) || (a.id < b.id ? -1 : 1));
}

/** A random order that the same seed gives again (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const order = [...values];
  const random = mulberry32(seed);
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/** Numbers from 0 up to 1 that look random (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
