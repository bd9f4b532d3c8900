import type { JourneyResult, RunResult } from '../scenarios/result.ts';
import type { MergedCapture } from './merge-captures.ts';

/**
 * A run's result whose frames are those of one merged capture.
 *
 * @param file what the capture is called in it
 * @param merged undefined when there is none: then the result stays as it is
 */
export function referringTo(result: RunResult, file: string, merged: MergedCapture | undefined): RunResult {
  if (!merged) return result;
  const refer = <T extends { readonly file: string; readonly frame: number }>(reference: T): T => {
    const frame = merged.numberOf(reference.file, reference.frame);
    return frame === undefined ? reference : { ...reference, file, frame };
  };
  const journeysIn = (journeys: readonly JourneyResult[]) =>
    journeys.map((journey) => ({ ...journey, hops: journey.hops.map(refer) }));
  return {
    ...result,
    journeys: journeysIn(result.journeys),
    claims: result.claims.map((claim) => ({
      ...claim,
      evidence: claim.evidence.map(refer),
      ...(claim.journeys ? { journeys: journeysIn(claim.journeys) } : {}),
    })),
    captures: Object.fromEntries(Object.keys(result.captures).map((point) => [point, file])),
  };
}
