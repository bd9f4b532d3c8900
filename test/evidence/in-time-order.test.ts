import { describe, expect, it } from 'vitest';
import { InTimeOrder } from '../../src/evidence/in-time-order.ts';
import type { CapturedFrame } from '../../src/packets/frame.ts';
import { waitFor } from '../../src/wait.ts';
import { captured } from '../packets/build.ts';

/** A frame of so many ms ago. */
function frame(ago: number, number: number): CapturedFrame {
  return captured(Uint8Array.of(number), { number, time: BigInt(Date.now() - ago) * 1_000_000n });
}

describe('frames of several captures', () => {
  it('are given in the order of time, though they come in any', async () => {
    const given: number[] = [];
    const order = new InTimeOrder((frames) => given.push(...frames.map(({ number }) => number)));
    order.add([frame(30, 3)]);
    order.add([frame(50, 1), frame(40, 2)]);
    expect(given).toEqual([]);
    await waitFor('the frames', () => (given.length === 3 ? true : undefined), { timeoutMs: 5000 });
    expect(given).toEqual([1, 2, 3]);
  });

  it('are all given at the end', () => {
    const given: number[] = [];
    const order = new InTimeOrder((frames) => given.push(...frames.map(({ number }) => number)));
    order.add([frame(0, 2), frame(5, 1)]);
    order.end();
    expect(given).toEqual([1, 2]);
  });
});
