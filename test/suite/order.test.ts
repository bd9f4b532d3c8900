import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestFirst, shuffled } from '../../src/suite/order.ts';

const run = (id: string, seconds = 4) => ({ id, weight: { memory: 150, cores: 0.5, seconds } });

test('the longest goes first: as it was remembered, else as it is declared, else by name', () => {
  const runs = [run('short'), run('declared', 90), run('b'), run('a'), run('remembered')];
  const order = longestFirst(runs, { remembered: 120_000, short: 10 });
  expect(order.map(({ id }) => id)).toEqual(['remembered', 'declared', 'a', 'b', 'short']);
});

test('a shuffled order has everything once, and the same seed gives it again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.nat(), (values, seed) => {
      const order = shuffled(values, seed);
      expect([...order].sort()).toEqual([...values].sort());
      expect(shuffled(values, seed)).toEqual(order);
    }),
  );
});

test('other seeds give other orders, each place to each value about as often', () => {
  const firsts = Array.from({ length: 4000 }, (_, seed) => shuffled([0, 1, 2, 3], seed)[0] ?? -1);
  for (const value of [0, 1, 2, 3]) {
    const share = firsts.filter((first) => first === value).length / firsts.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  }
});
