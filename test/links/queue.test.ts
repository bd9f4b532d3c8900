import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkQueue, overtakingMs, queueLimit } from '../../src/links/queue.ts';
import type { LinkFaults } from '../../src/topology/schema.ts';
import { faults } from './faults.ts';

/** Sends frames of 100 bytes at some times and answers which arrive when, in ms. */
function pass(wrong: Partial<LinkFaults>, times: readonly number[]) {
  const queue = new LinkQueue<number>('in', faults(wrong));
  const arrived: { readonly frame: number; readonly at: number }[] = [];
  const collect = (until: number) => {
    for (let at = queue.nextDue; at !== undefined && at <= until; at = queue.nextDue) {
      for (const frame of queue.due(at)) arrived.push({ frame, at });
    }
  };
  times.forEach((time, frame) => {
    collect(time);
    queue.accept(frame, 100, time);
  });
  collect(Number.POSITIVE_INFINITY);
  return { arrived, counts: queue.counted, order: arrived.map(({ frame }) => frame) };
}

const anyFaults: fc.Arbitrary<Partial<LinkFaults>> = fc.record({
  seed: fc.nat(2 ** 32 - 1),
  loss: fc.double({ min: 0, max: 1, noNaN: true }),
  delay_ms: fc.integer({ min: 0, max: 100 }),
  jitter_ms: fc.integer({ min: 0, max: 100 }),
  duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
  reorder: fc.double({ min: 0, max: 1, noNaN: true }),
  rate_mbit: fc.option(fc.double({ min: 0.001, max: 1000, noNaN: true }), { nil: null }),
});
/** When frames come: gaps of 0 to 50 ms. */
const anyTimes = fc
  .array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 })
  .map((gaps) => gaps.map((_, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0)));

describe('a direction of a link', () => {
  it('without faults passes every frame at once', () => {
    expect(pass({}, [0, 1, 1, 5]).arrived).toEqual([
      { frame: 0, at: 0 },
      { frame: 1, at: 1 },
      { frame: 2, at: 1 },
      { frame: 3, at: 5 },
    ]);
  });

  it('delays each frame by as much', () => {
    expect(pass({ delay_ms: 20 }, [0, 3]).arrived).toEqual([
      { frame: 0, at: 20 },
      { frame: 1, at: 23 },
    ]);
  });

  it('at a rate sends one frame after the other', () => {
    // 100 bytes at 0.1 Mbit/s take 8 ms.
    expect(pass({ rate_mbit: 0.1 }, [0, 0, 30]).arrived.map(({ at }) => at)).toEqual([8, 16, 38]);
  });

  it('lets the next frame overtake one, or gives up', () => {
    const { order, arrived } = pass({ reorder: 0.5, seed: 1 }, [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(8);
    expect(arrived.every(({ frame, at }) => at <= frame + overtakingMs)).toBe(true);
    expect(pass({ reorder: 1 }, [5]).arrived).toEqual([{ frame: 0, at: 5 + overtakingMs }]);
  });

  it('that is down passes nothing', () => {
    expect(pass({ down: true }, [0, 1])).toMatchObject({ order: [], counts: { received: 2, lost: 2 } });
  });

  it('drops what finds too many waiting', () => {
    const { counts, order } = pass({ delay_ms: 10 }, Array(queueLimit + 5).fill(0));
    expect(counts).toMatchObject({ overflowed: 5, delivered: queueLimit });
    expect(order.at(-1)).toBe(queueLimit - 1);
  });

  it('counts afresh from the moment its faults are set, and gives the same fates again', () => {
    const queue = new LinkQueue<number>('out', faults());
    const lossy = faults({ loss: 0.5, seed: 9 });
    const passed = [0, 1].map(() => {
      queue.set(lossy);
      return Array.from({ length: 30 }, (_, frame) => frame).filter((frame) => {
        queue.accept(frame, 100, 0);
        return queue.due(0).length > 0;
      });
    });
    expect(passed[0]).toEqual(passed[1]);
    expect(queue.counted.received).toBe(30);
  });

  it('accounts for every frame', () => {
    fc.assert(
      fc.property(anyFaults, anyTimes, (wrong, times) => {
        const { counts, order } = pass(wrong, times);
        expect(counts.received).toBe(times.length);
        expect(counts.received + counts.duplicated).toBe(counts.delivered + counts.lost + counts.overflowed);
        expect(order).toHaveLength(counts.delivered);
        expect(new Set(order).size).toBe(times.length - counts.lost);
      }),
    );
  });

  it('gives the same frames at the same times to whoever does the same again', () => {
    fc.assert(
      fc.property(anyFaults, anyTimes, (wrong, times) => {
        expect(pass(wrong, times)).toEqual(pass(wrong, times));
      }),
    );
  });

  it('without reordering keeps the order, whatever the jitter', () => {
    fc.assert(
      fc.property(anyFaults, anyTimes, (wrong, times) => {
        const { order } = pass({ ...wrong, reorder: 0 }, times);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
    );
  });

  it('delivers no frame before its time', () => {
    fc.assert(
      fc.property(anyFaults, anyTimes, (wrong, times) => {
        const earliest = Math.max(0, (wrong.delay_ms ?? 0) - (wrong.jitter_ms ?? 0));
        for (const { frame, at } of pass(wrong, times).arrived) {
          expect(at).toBeGreaterThanOrEqual((times[frame] ?? 0) + earliest);
        }
      }),
    );
  });
});
