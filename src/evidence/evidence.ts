import type { FrameTest } from './frames.ts';
import type { Journey, SeenFrame } from './journey.ts';
import { explainLoss, type FlowCounts, type TraceFrom } from './loss.ts';
import type { PointMap } from './map.ts';

/** A frame in a file, for whoever wants to look it up. */
export interface FrameReference {
  readonly point: string;
  readonly file: string;
  /** 1-based. */
  readonly frame: number;
}

/** What is found of a claim. */
export interface Claimable {
  readonly holds: boolean;
  /** Why it does not hold; what was seen, where it does. */
  readonly why: string;
  readonly evidence: readonly FrameReference[];
  /** The journeys that a reader wants to see when it fails. */
  readonly journeys: readonly JourneyStory[];
}

/** How a journey ended. */
export type JourneyOutcome =
  | { readonly kind: 'delivered'; readonly at: string }
  | {
      readonly kind: 'dropped';
      readonly bridge: string;
      /** The rule, as ovs-ofctl dumps it without counters. */
      readonly rule: string;
      /** How many frames the rule's counter took during the capture. */
      readonly packets: number;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What was captured in one go, joined to journeys. */
export class Evidence {
  /** The capture file of each point. */
  readonly captures: Readonly<Record<string, string>>;
  readonly frames: readonly SeenFrame[];
  readonly journeys: readonly Journey[];
  private readonly map: PointMap;
  private readonly flows: FlowCounts;
  private readonly trace: TraceFrom;
  private readonly told: JourneyStory[] = [];

  constructor(parts: {
    readonly captures: Readonly<Record<string, string>>;
    readonly frames: readonly SeenFrame[];
    readonly journeys: readonly Journey[];
    readonly map: PointMap;
    readonly flows: FlowCounts;
    readonly trace: TraceFrom;
  }) {
    this.captures = parts.captures;
    this.frames = parts.frames;
    this.journeys = parts.journeys;
    this.map = parts.map;
    this.flows = parts.flows;
    this.trace = parts.trace;
  }

  /** The stories that were told so far, for the report. */
  get stories(): readonly JourneyStory[] {
    return this.told;
  }

  /**
   * The journey of the first frame that passes a test, and how it ended.
   *
   * @param what names the frame ("DISCOVER of stand-in-1")
   * @param options.to the point it is meant for
   * @param options.from the point it sets out from; frames first seen elsewhere are passed over
   */
  async journey(
    what: string,
    test: FrameTest,
    options: { readonly to: string; readonly from?: string },
  ): Promise<JourneyStory> {
    const journey = this.journeys.find(({ hops }) => {
      const [first] = hops;
      return first && test(first) && (options.from === undefined || first.point === options.from);
    });
    const hops = journey?.hops ?? [];
    const story = new JourneyStory(what, options.to, hops, await this.outcome(what, hops, options.to));
    this.told.push(story);
    return story;
  }

  private async outcome(what: string, hops: readonly SeenFrame[], to: string): Promise<JourneyOutcome> {
    if (hops.length === 0) return { kind: 'unknown', reason: `no ${what} was captured at any point` };
    if (hops.some(({ point }) => point === to)) return { kind: 'delivered', at: to };
    return explainLoss(hops, to, this.map, this.flows, this.trace);
  }

  /** That no frame which passes a test was seen at a point. */
  neverAt(point: string, what: string, test: FrameTest): Claimable {
    const found = this.frames.filter((frame) => frame.point === point && test(frame));
    return {
      holds: found.length === 0 && point in this.captures,
      why:
        point in this.captures ? `${found.length} ${what} at ${point}` : `nothing was captured at ${point}`,
      evidence: found.slice(0, 3).map(reference),
      journeys: [],
    };
  }
}

/** A journey with a name, about which claims can be stated. */
export class JourneyStory {
  readonly what: string;
  readonly to: string;
  readonly hops: readonly SeenFrame[];
  readonly outcome: JourneyOutcome;

  constructor(what: string, to: string, hops: readonly SeenFrame[], outcome: JourneyOutcome) {
    this.what = what;
    this.to = to;
    this.hops = hops;
    this.outcome = outcome;
  }

  at(point: string): SeenFrame | undefined {
    return this.hops.find((hop) => hop.point === point);
  }

  /** That it was seen at these points, in this order. */
  visits(...points: readonly string[]): Claimable {
    const missing = points.filter((point) => !this.at(point));
    const positions = points.map((point) => this.hops.findIndex((hop) => hop.point === point));
    const inOrder = positions.every(
      (position, index) => index === 0 || position > (positions[index - 1] ?? -1),
    );
    return this.judged(
      missing.length === 0 && inOrder,
      missing.length > 0
        ? `not seen at ${missing.join(', ')}`
        : inOrder
          ? 'seen in order'
          : 'seen in another order',
      points,
    );
  }

  /** That it carries a VLAN tag of that id at a point; null for no tag. */
  carries(vlan: number | null, point: string): Claimable {
    const hop = this.at(point);
    const seen = hop ? `${vlanText(hop.vlan)} at ${point}` : `not seen at ${point}`;
    return this.judged(hop !== undefined && hop.vlan === vlan, seen, [point]);
  }

  /** That its tag is one thing at the first point and another at the second, which it visits later. */
  isTranslated(
    from: { point: string; vlan: number | null },
    to: { point: string; vlan: number | null },
  ): Claimable {
    const parts = [
      this.carries(from.vlan, from.point),
      this.carries(to.vlan, to.point),
      this.visits(from.point, to.point),
    ];
    return this.judged(
      parts.every(({ holds }) => holds),
      parts.map(({ why }) => why).join('; '),
      [from.point, to.point],
    );
  }

  /** That it was seen somewhere but never at this point. */
  neverReaches(point: string): Claimable {
    const seen = this.at(point);
    return this.judged(
      this.hops.length > 0 && seen === undefined,
      this.hops.length === 0
        ? 'it was never seen at all'
        : seen
          ? `seen at ${point}`
          : `not seen at ${point}`,
      seen ? [point] : this.hops.map((hop) => hop.point),
    );
  }

  /** That it reached the point it is meant for. */
  isDelivered(): Claimable {
    return this.judged(this.outcome.kind === 'delivered', outcomeText(this.outcome), [this.to]);
  }

  /** That a rule of this bridge dropped it, of which flow counters and ofproto/trace give the same account. */
  isDroppedIn(bridge: string): Claimable {
    const { outcome } = this;
    return this.judged(
      outcome.kind === 'dropped' && outcome.bridge === bridge,
      outcomeText(outcome),
      this.hops.map((hop) => hop.point),
    );
  }

  /** That another journey sets out after this one arrived, within a time. */
  isAnsweredBy(answer: JourneyStory, withinMs: number): Claimable {
    const arrived = this.at(this.to);
    const left = answer.hops[0];
    if (!arrived || !left)
      return this.judged(false, arrived ? `no ${answer.what}` : `never reached ${this.to}`, []);
    const afterMs = Number(left.time - arrived.time) / 1e6;
    return {
      holds: afterMs >= 0 && afterMs <= withinMs,
      why: `${answer.what} after ${afterMs.toFixed(1)} ms`,
      evidence: [arrived, left].map(reference),
      journeys: [this, answer],
    };
  }

  private judged(holds: boolean, why: string, points: readonly string[]): Claimable {
    const evidence = this.hops.filter((hop) => points.includes(hop.point)).map(reference);
    return { holds, why: `${this.what}: ${why}`, evidence, journeys: [this] };
  }
}

function reference(frame: SeenFrame): FrameReference {
  return { point: frame.point, file: frame.file, frame: frame.number };
}

/** A tag as a person reads it. */
export function vlanText(vlan: number | null): string {
  return vlan === null ? 'untagged' : `VLAN ${vlan}`;
}

/** A journey's end as a person reads it. */
export function outcomeText(outcome: JourneyOutcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `delivered to ${outcome.at}`;
    case 'dropped':
      return `dropped in ${outcome.bridge} by ${outcome.rule}`;
    case 'unknown':
      return outcome.reason;
  }
}
