import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fateOf } from '../../src/links/fate.ts';
import { faults } from './faults.ts';

const frames = Array.from({ length: 20_000 }, (_, index) => index + 1);
const seeds = fc.nat(2 ** 32 - 1);
const numbers = fc.integer({ min: 1, max: 2 ** 31 });

describe('the fate of a frame', () => {
  it('is the one that this seed has always given it', () => {
    const lossy = faults({ seed: 7, loss: 0.5, duplicate: 0.2, reorder: 0.2, jitter_ms: 10 });
    const told = [1, 2, 3, 4, 5, 6].map((n) => fateOf(lossy, 'in', n));
    expect(told).toMatchInlineSnapshot(`
      [
        {
          "duplicated": true,
          "jitterMs": 6.6402028780430555,
          "lost": false,
          "overtaken": false,
        },
        {
          "duplicated": false,
          "jitterMs": -2.5773312896490097,
          "lost": false,
          "overtaken": false,
        },
        {
          "duplicated": false,
          "jitterMs": -3.2217680010944605,
          "lost": true,
          "overtaken": true,
        },
        {
          "duplicated": false,
          "jitterMs": -8.678180994465947,
          "lost": true,
          "overtaken": false,
        },
        {
          "duplicated": false,
          "jitterMs": 7.412789133377373,
          "lost": true,
          "overtaken": false,
        },
        {
          "duplicated": false,
          "jitterMs": 5.162192694842815,
          "lost": false,
          "overtaken": true,
        },
      ]
    `);
  });

  it('depends on seed, direction and number alone', () => {
    fc.assert(
      fc.property(seeds, numbers, fc.double({ min: 0, max: 1, noNaN: true }), (seed, n, loss) => {
        expect(fateOf(faults({ seed, loss }), 'out', n)).toEqual(fateOf(faults({ seed, loss }), 'out', n));
      }),
    );
  });

  it('is that of other frames in the other direction, and with another seed', () => {
    const lost = (seed: number, direction: 'in' | 'out') =>
      frames.slice(0, 64).map((n) => fateOf(faults({ seed, loss: 0.5 }), direction, n).lost);
    expect(lost(1, 'in')).not.toEqual(lost(1, 'out'));
    expect(lost(1, 'in')).not.toEqual(lost(2, 'in'));
  });

  it('with more loss is loss for the same frames and more', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(seeds, numbers, probability, probability, (seed, n, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const [withLess, withMore] = [less, more].map((loss) => fateOf(faults({ seed, loss }), 'in', n).lost);
        expect(withLess && !withMore).toBe(false);
      }),
    );
  });

  it('meets as many frames as it should, each misfortune by itself', () => {
    const all = frames.map((n) =>
      fateOf(faults({ seed: 3, loss: 0.3, duplicate: 0.1, reorder: 0.6 }), 'in', n),
    );
    const share = (test: (fate: (typeof all)[number]) => boolean) => all.filter(test).length / all.length;
    expect(share(({ lost }) => lost)).toBeCloseTo(0.3, 1);
    expect(share(({ duplicated }) => duplicated)).toBeCloseTo(0.1, 1);
    expect(share(({ overtaken }) => overtaken)).toBeCloseTo(0.6, 1);
    expect(share(({ lost, duplicated }) => lost && duplicated)).toBeCloseTo(0.03, 1);
  });

  it('is certain at 0 and at 1', () => {
    fc.assert(
      fc.property(seeds, numbers, (seed, n) => {
        expect(fateOf(faults({ seed }), 'in', n)).toMatchObject({ lost: false, duplicated: false });
        expect(fateOf(faults({ seed, loss: 1 }), 'in', n).lost).toBe(true);
      }),
    );
  });
});
