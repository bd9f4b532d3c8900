import type { Cause } from '../evidence/cause.ts';
import type { FrameReference } from '../evidence/claim.ts';
import type { JourneyStory, StoryTrace } from '../evidence/journey-story.ts';
import { type JourneyOutcome, outcomeText, type TunnelAt, tunnelOf } from '../evidence/outcome.ts';
import type { LinkState } from '../links/relay-protocol.ts';
import type { Settings } from '../topology/with-settings.ts';
import type { ScenarioRun, StatedClaim } from './scenario-run.ts';

/** Whether a run showed what it declares; `error`: the lab failed before that could be said. */
export type Verdict = 'pass' | 'fail' | 'error' | 'skip';

export interface HopResult {
  /** `host/interface` */
  readonly point: string;
  /** What is behind the point, where its name does not say it. */
  readonly label?: string;
  /** The tag's VLAN id there; null for an untagged frame. */
  readonly vlan: number | null;
  /** The tunnel that it is in there; then `vlan` is that of the frame around it. */
  readonly tunnel?: TunnelAt;
  /** ISO 8601 in UTC, with nanoseconds. */
  readonly time: string;
  /** The capture file, and the frame's number in it. */
  readonly file: string;
  readonly frame: number;
  /** It is not on the way to where the frame is meant for: it was flooded there. */
  readonly aside?: true;
}

export interface JourneyResult {
  readonly what: string;
  /** The point it is meant for. */
  readonly to: string;
  readonly hops: readonly HopResult[];
  readonly outcome: JourneyOutcome & { readonly text: string };
  /** Of a frame that did not arrive. */
  readonly traces?: readonly StoryTrace[];
}

export interface ClaimResult {
  readonly text: string;
  readonly holds: boolean;
  readonly why: string;
  readonly evidence: readonly FrameReference[];
  /** Of a claim that does not hold: the journeys it is about. */
  readonly journeys?: readonly JourneyResult[];
  /** Of a claim that does not hold: where the scenario's file states it. */
  readonly line?: number;
}

/**
 * What a run without an outcome ended by: the scenario's `skip`; a defect of the scenario (it threw) or of what it asked
 * for (usage); the lab; the machine, which lacks something. In a suite also: its deadline, a crash of its process, an
 * interruption.
 */
export type ReasonKind =
  | 'skipped'
  | 'scenario-threw'
  | 'usage'
  | 'lab-failed'
  | 'machine-lacks'
  | 'deadline'
  | 'crashed'
  | 'interrupted';

/** A node that was provisioned during a run, and how it went. */
export interface ProvisioningResult {
  readonly node: string;
  readonly driver: string;
  /** `login prompt` or `deploy failed`. */
  readonly outcome: string;
  readonly lastError: string | null;
  /** ISO 8601 in UTC, as the times of its phases. */
  readonly startedAt: string;
  readonly phases: readonly { readonly name: string; readonly at: string; readonly detail?: string }[];
}

/** One run of a scenario on one topology: plain data, as `lab scenario --json` prints it. */
export interface RunResult {
  readonly topology: string;
  /** What the scenario has set, whatever the topology says. */
  readonly with?: Settings;
  readonly expected: string;
  /** null when the run did not come to an outcome. */
  readonly observed: string | null;
  readonly verdict: Verdict;
  /** Why a run has the verdict `error` or `skip`. */
  readonly reason?: string;
  readonly reasonKind?: ReasonKind;
  /** The line of the scenario's file that the reason is about. */
  readonly line?: number;
  readonly claims: readonly ClaimResult[];
  readonly journeys: readonly JourneyResult[];
  /** The pcap file of each point; of a point that was captured at several times, the last. */
  readonly captures: Readonly<Record<string, string>>;
  readonly provisionings: readonly ProvisioningResult[];
  /** The cables with faults, and what they did since those were set last. */
  readonly links?: readonly LinkState[];
  /** The absolute path of the failure bundle, where one was asked for; hops and evidence then refer to its capture. */
  readonly bundle?: string;
  /** Of a run that did not pass: what in the lab was not as planned, and explains it. The first is the nearest. */
  readonly causes?: readonly Cause[];
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

/** What a run has found so far, whether or not it has ended. */
export function findings(
  run: Pick<ScenarioRun, 'claims' | 'observed' | 'labels'>,
): Pick<RunResult, 'claims' | 'journeys' | 'captures'> {
  const journeys = (stories: readonly JourneyStory[]) =>
    stories.map((story) => journeyResult(story, run.labels));
  return {
    claims: run.claims.map(({ text, holds, why, evidence, journeys: about, line }) => ({
      text,
      holds,
      why,
      evidence,
      ...(holds ? {} : { journeys: journeys(about) }),
      ...(line === undefined ? {} : { line }),
    })),
    journeys: journeys(run.observed.flatMap(({ stories }) => stories)),
    captures: Object.assign({}, ...run.observed.map(({ captures }) => captures)),
  };
}

/** The hops on the way come first, in its order; then those to which the frame was flooded. */
function journeyResult(story: JourneyStory, labels: ReadonlyMap<string, string>): JourneyResult {
  const { what, to, hops, way, outcome, traces } = story;
  const results = hops.map(({ point, vlan, time, file, number, decoded }): HopResult => {
    const label = labels.get(point);
    const tunnel = tunnelOf(decoded);
    return {
      point,
      ...(label === undefined ? {} : { label }),
      vlan,
      ...(tunnel ? { tunnel } : {}),
      time: isoTime(time),
      file,
      frame: number,
      ...(way.includes(point) ? {} : { aside: true }),
    };
  });
  const onTheWay = results.filter(({ aside }) => !aside);
  return {
    what,
    to,
    hops: [...onTheWay, ...results.filter(({ aside }) => aside)],
    outcome: { ...outcome, text: outcomeText(outcome) },
    ...(traces.length > 0 ? { traces } : {}),
  };
}

/** Nanoseconds since the epoch as ISO 8601 in UTC with nine decimals. */
export function isoTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}
