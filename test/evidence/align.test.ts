import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/evidence/align.ts';

const longest = 1000;

/** What pairing costs: differences of time, and half of the longest for each one left alone. */
function costOf(a: readonly number[], b: readonly number[], paired: Iterable<number>): number {
  let cost = a.length * (longest / 2);
  [...paired].forEach((i, j) => {
    cost += i < 0 ? longest / 2 : Math.abs((a[i] ?? 0) - (b[j] ?? 0)) - longest / 2;
  });
  return cost;
}

/** The least cost of all ways to pair without crossing. */
function leastCost(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return (a.length + b.length) * (longest / 2);
  const [x = 0, ...restA] = a;
  const [y = 0, ...restB] = b;
  const apart = Math.abs(x - y);
  return Math.min(
    longest / 2 + leastCost(restA, b),
    longest / 2 + leastCost(a, restB),
    apart < longest ? apart + leastCost(restA, restB) : Number.POSITIVE_INFINITY,
  );
}

describe('copies seen at two places', () => {
  const times = fc
    .array(fc.integer({ min: 0, max: 3000 }), { maxLength: 6 })
    .map((all) => all.sort((a, b) => a - b));

  it('are paired at the least cost of all, never crossing', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const paired = [...align(a, b, longest)];
        expect(costOf(a, b, paired)).toBe(leastCost(a, b));
        const used = paired.filter((i) => i >= 0);
        expect(used).toEqual([...new Set(used)].sort((x, y) => x - y));
      }),
    );
  });

  it('are paired one by one in a flood, however late they were seen', () => {
    const a = Array.from({ length: 5000 }, (_, i) => i);
    const paired = align(
      a,
      a.map((time) => time + 600),
      longest,
    );
    expect([...paired]).toEqual(a);
  });

  it('are passed over where they were lost from a flood', () => {
    const a = Array.from({ length: 5000 }, (_, i) => i * 10);
    const b = a.filter((_, i) => i % 50 !== 7).map((time) => time + 2);
    const paired = align(a, b, longest);
    expect(b.every((time, j) => a[paired[j] as number] === time - 2)).toBe(true);
  });
});
