import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShard, runsOfShard } from '../../src/suite/shard.ts';

const weighted = fc
  .uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc
          .integer({ min: 1, max: 300 })
          .map((seconds) => ({ id, weight: { memory: 150, cores: 1, seconds } })),
      ),
    ),
  );

test('the parts of a suite are together all of it, each run once, in its order', () => {
  fc.assert(
    fc.property(weighted, fc.integer({ min: 1, max: 12 }), (runs, of) => {
      const parts = Array.from({ length: of }, (_, index) => runsOfShard(runs, { index: index + 1, of }));
      expect(parts.flat().length).toBe(runs.length);
      expect(new Set(parts.flat())).toEqual(new Set(runs));
      for (const part of parts) expect(part).toEqual(runs.filter((run) => part.includes(run)));
    }),
  );
});

test('no part is heavier than another by more than the heaviest run', () => {
  fc.assert(
    fc.property(weighted, fc.integer({ min: 1, max: 6 }), (runs, of) => {
      const loads = Array.from({ length: of }, (_, index) =>
        runsOfShard(runs, { index: index + 1, of }).reduce((sum, { weight }) => sum + weight.seconds, 0),
      );
      const heaviest = Math.max(0, ...runs.map(({ weight }) => weight.seconds));
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(heaviest);
    }),
  );
});

test('a part does not depend on the order in which runs were found', () => {
  fc.assert(
    fc.property(weighted, fc.integer({ min: 1, max: 6 }), (runs, of) => {
      const ids = (from: typeof runs) => runsOfShard(from, { index: 1, of }).map(({ id }) => id);
      expect(ids([...runs].reverse()).sort()).toEqual(ids(runs).sort());
    }),
  );
});

test.each(['0/3', '4/3', '1', '1/0', '1/2/3', '-1/2', 'a/b', ''])('%j is no part', (text) => {
  expect(() => parseShard(text)).toThrow(/is no part of a suite/);
});

test('2/3 is the second of three parts', () => {
  expect(parseShard('2/3')).toEqual({ index: 2, of: 3 });
});
