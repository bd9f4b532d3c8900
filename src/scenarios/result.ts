import {
  type Evidence,
  type FrameReference,
  type JourneyOutcome,
  outcomeText,
} from '../evidence/evidence.ts';
import type { StatedClaim } from './scenario-run.ts';

/** Whether a run showed what it declares; `error`: the lab failed before that could be said. */
export type Verdict = 'pass' | 'fail' | 'error' | 'skip';

export interface HopResult {
  /** `host/interface` */
  readonly point: string;
  /** The tag's VLAN id there; null for an untagged frame. */
  readonly vlan: number | null;
  /** ISO 8601 in UTC, with nanoseconds. */
  readonly time: string;
}

export interface JourneyResult {
  readonly what: string;
  readonly hops: readonly HopResult[];
  readonly outcome: JourneyOutcome & { readonly text: string };
}

export interface ClaimResult {
  readonly text: string;
  readonly holds: boolean;
  readonly why: string;
  readonly evidence: readonly FrameReference[];
}

/** One run of a scenario on one topology: plain data, as `lab scenario --json` prints it. */
export interface RunResult {
  readonly topology: string;
  readonly expected: string;
  /** null when the run did not come to an outcome. */
  readonly observed: string | null;
  readonly verdict: Verdict;
  /** Why a run has the verdict `error` or `skip`. */
  readonly reason?: string;
  readonly claims: readonly ClaimResult[];
  readonly journeys: readonly JourneyResult[];
  /** The pcap file of each point. */
  readonly captures: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

/** A scenario on all its topologies. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly teaches: string;
  readonly verdict: Verdict;
  readonly runs: readonly RunResult[];
}

/** A run passes when it came to the declared outcome, stated at least one claim, and all of them hold. */
export function runVerdict(expected: string, observed: string, claims: readonly StatedClaim[]): Verdict {
  return observed === expected && claims.length > 0 && claims.every(({ holds }) => holds) ? 'pass' : 'fail';
}

/** The verdict over several runs: the worst of them. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return (['error', 'fail', 'skip'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'pass';
}

export function claimResults(claims: readonly StatedClaim[]): ClaimResult[] {
  return claims.map(({ text, holds, why, evidence }) => ({ text, holds, why, evidence }));
}

/** The journeys that the scenario asked for. */
export function journeyResults(observed: readonly Evidence[]): JourneyResult[] {
  return observed
    .flatMap((evidence) => evidence.stories)
    .map(({ what, hops, outcome }) => ({
      what,
      hops: hops.map(({ point, vlan, time }) => ({ point, vlan, time: isoTime(time) })),
      outcome: { ...outcome, text: outcomeText(outcome) },
    }));
}

/** Nanoseconds since the epoch as ISO 8601 in UTC with nine decimals. */
export function isoTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}
