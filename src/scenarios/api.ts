/**
 * What a scenario file imports from `baremetal-lab`.
 *
 * A scenario is one story: what is tried on a lab, and what must be seen. It declares an outcome for each topology it
 * runs on; it passes on a topology when it ends with that outcome and every claim it states holds.
 */
import type { ScenarioRun } from './scenario-run.ts';

export type { Claimable, Evidence, JourneyStory } from '../evidence/evidence.ts';
export { arpFor, dhcp, fromMac, tftpRequest } from '../evidence/frames.ts';
export type { SeenFrame } from '../evidence/journey.ts';
export type { Machine } from './machine.ts';
export type { ScenarioRun } from './scenario-run.ts';
export type { Lease, StandIn } from './stand-in.ts';

export interface Scenario<Outcome extends string = string> {
  /** One line, for lists and headings. */
  readonly title: string;
  /** What a reader learns from it, in two or three sentences. */
  readonly teaches: string;
  /** The outcome that is right, by topology: its name, or the type of its first network. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Acts on the lab, states claims about what was captured, and answers the outcome that was observed. */
  run(run: ScenarioRun): Promise<Outcome>;
}

/** Declares a scenario; the default export of a scenario file. */
export function scenario<const Outcome extends string>(definition: Scenario<Outcome>): Scenario<Outcome> {
  return definition;
}
