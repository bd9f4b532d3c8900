import type { Cause } from './cause.ts';
import type { SeenFrame } from './journey.ts';
import type { JourneyStory } from './journey-story.ts';

/** A frame in a file, for whoever wants to look it up. */
export interface FrameReference {
  /** `host/interface` */
  readonly point: string;
  readonly file: string;
  /** 1-based. */
  readonly frame: number;
}

/** What the captures say of a claim. */
export interface Claimable {
  readonly holds: boolean;
  /** What was seen, in a line. */
  readonly why: string;
  readonly evidence: readonly FrameReference[];
  /** The journeys that a reader wants to see when it does not hold. */
  readonly journeys: readonly JourneyStory[];
  /** What it is due to that it does not hold, where the claim itself knows. */
  readonly causes?: readonly Cause[];
}

export function reference({ point, file, number }: SeenFrame): FrameReference {
  return { point, file, frame: number };
}
