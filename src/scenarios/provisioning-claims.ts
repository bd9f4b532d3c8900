import { type Claimable, reference } from '../evidence/claim.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FrameTest } from '../evidence/frames.ts';

/** That such frames passed a point, the first of each kind after the first of the kind before it. */
export function inOrder(
  evidence: Evidence,
  point: string,
  steps: Readonly<Record<string, FrameTest>>,
): Claimable {
  const frames = evidence.frames.filter((frame) => frame.point === point);
  let from = 0;
  const found = Object.entries(steps).map(([what, test]) => {
    const at = frames.findIndex((frame, index) => index >= from && test(frame));
    if (at >= 0) from = at + 1;
    return { what, frame: at < 0 ? undefined : frames[at] };
  });
  const missing = found.filter(({ frame }) => !frame).map(({ what }) => what);
  return {
    holds: missing.length === 0,
    why:
      missing.length === 0
        ? `${found.map(({ what }) => what).join(', ')} at ${point}`
        : `no ${missing.join(', no ')} in that order at ${point}`,
    evidence: found.flatMap(({ frame }) => (frame ? [reference(frame)] : [])),
    journeys: [],
  };
}

/** That such a frame passed a point. */
export function seenAt(evidence: Evidence, point: string, what: string, test: FrameTest): Claimable {
  return inOrder(evidence, point, { [what]: test });
}

/** That so many such frames passed a point. */
export function countAt(
  evidence: Evidence,
  point: string,
  count: number,
  what: string,
  test: FrameTest,
): Claimable {
  const found = evidence.frames.filter((frame) => frame.point === point && test(frame));
  return {
    holds: found.length === count && point in evidence.captures,
    why: `${found.length} ${what} at ${point}`,
    evidence: found.map(reference),
    journeys: [],
  };
}
