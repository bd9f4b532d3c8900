import type { ClaimResult, HopResult, JourneyResult, RunResult } from '../../scenarios/result.ts';

/** A journey with the claims that are about it. */
export interface ToldJourney {
  readonly journey: JourneyResult;
  readonly claims: readonly ClaimResult[];
}

/** A run's journeys, each with its claims; claims about no journey are left over. */
export interface SortedClaims {
  readonly journeys: readonly ToldJourney[];
  readonly others: readonly ClaimResult[];
}

/** Puts each claim to the journey that it speaks of: by name, or by the frames that it refers to. */
export function sortClaims({ claims, journeys }: Pick<RunResult, 'claims' | 'journeys'>): SortedClaims {
  const places = claims.map((claim) => journeyOf(claim, journeys));
  return {
    journeys: journeys.map((journey) => ({
      journey,
      claims: claims.filter((_, index) => places[index] === journey),
    })),
    others: claims.filter((_, index) => places[index] === undefined),
  };
}

function journeyOf(
  { why, evidence, journeys: about }: ClaimResult,
  journeys: readonly JourneyResult[],
): JourneyResult | undefined {
  const named = journeys.find(({ what }) => why.startsWith(`${what}: `) || what === about?.[0]?.what);
  if (named) return named;
  const [first] = evidence;
  const isFirst = ({ file, frame }: HopResult) => file === first?.file && frame === first.frame;
  return first && journeys.find(({ hops }) => hops.some(isFirst));
}
