import { type SeenFrame, seenFrames } from '../../src/evidence/journey.ts';
import { captured } from '../packets/build.ts';

const start = 1_700_000_000_000_000_000n;

/** Frames as a capture at a point has them, numbered from 1, a microsecond apart. */
export function seenAt(
  point: string,
  frames: readonly Uint8Array[],
  { afterMs = 0 }: { readonly afterMs?: number } = {},
): SeenFrame[] {
  const first = start + BigInt(Math.round(afterMs * 1e6));
  const all = frames.map((frame, index) =>
    captured(frame, { time: first + BigInt(index) * 1000n, number: index + 1 }),
  );
  return seenFrames(point, `${point.replaceAll('/', '_')}.pcap`, all);
}
