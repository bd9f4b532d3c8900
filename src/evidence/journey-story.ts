import { type Claimable, reference } from './claim.ts';
import type { FrameTest } from './frames.ts';
import type { SeenFrame } from './journey.ts';
import { type JourneyOutcome, markText, outcomeText, type TunnelAt, tunnelOf, vlanText } from './outcome.ts';

/** A tag at a point: VLAN id, or null for an untagged frame. */
export interface TagAt {
  readonly point: string;
  readonly vlan: number | null;
}

/** What Open vSwitch said of a frame's way from a port on. */
export interface StoryTrace {
  readonly point: string;
  readonly text: string;
}

/** A journey with a name, about which claims can be stated. */
export class JourneyStory {
  readonly what: string;
  /** The point it is meant for. */
  readonly to: string;
  readonly hops: readonly SeenFrame[];
  readonly outcome: JourneyOutcome;
  /** The points between its first and the one it is meant for; a frame that floods is seen at others too. */
  readonly way: readonly string[];
  /** What Open vSwitch was asked when it did not arrive. */
  readonly traces: readonly StoryTrace[];

  constructor(parts: {
    readonly what: string;
    readonly to: string;
    readonly hops: readonly SeenFrame[];
    readonly outcome: JourneyOutcome;
    readonly way: readonly string[];
    readonly traces?: readonly StoryTrace[];
  }) {
    this.what = parts.what;
    this.to = parts.to;
    this.hops = parts.hops;
    this.outcome = parts.outcome;
    this.way = parts.way;
    this.traces = parts.traces ?? [];
  }

  /** The frame as it was first seen at a point. */
  at(point: string): SeenFrame | undefined {
    return this.hops.find((hop) => hop.point === point);
  }

  /** That it was seen at these points, in this order. */
  visits(...points: readonly string[]): Claimable {
    return this.judged(this.passes(points), points);
  }

  /** That it carries a VLAN tag of that id at a point; null for no tag. */
  carries(vlan: number | null, point: string): Claimable {
    return this.judged(this.tagAt({ vlan, point }), [point]);
  }

  /** That it is in a tunnel there, with that segmentation id as GRE's key or VXLAN's VNI. */
  isTunnelled(type: TunnelAt['type'], id: number, point: string): Claimable {
    const hop = this.at(point);
    const tunnel = hop && tunnelOf(hop.decoded);
    const seen = hop
      ? `${tunnel ? markText({ vlan: null, tunnel }) : 'in no tunnel'} at ${point}`
      : `not seen at ${point}`;
    return this.judged({ holds: tunnel?.type === type && tunnel.id === id, seen }, [point]);
  }

  /** That its tag is one thing at the first point and another at the second, which it visits later. */
  isTranslated(from: TagAt, to: TagAt): Claimable {
    const points = [from.point, to.point];
    const tags = [this.tagAt(from), this.tagAt(to)];
    const order = this.passes(points);
    return this.judged(
      {
        holds: order.holds && tags.every(({ holds }) => holds),
        seen: [...tags, ...(order.holds ? [] : [order])].map(({ seen }) => seen).join(', '),
      },
      points,
    );
  }

  /** That a frame of it at a point passes a test; `what` says in words which. Without a point: where it is meant for. */
  shows(what: string, test: FrameTest, point: string = this.to): Claimable {
    const hop = this.at(point);
    const seen = hop ? `${test(hop) ? '' : 'no '}${what} at ${point}` : `not seen at ${point}`;
    return this.judged({ holds: hop !== undefined && test(hop), seen }, [point]);
  }

  /** That it was seen somewhere but never at this point. */
  neverReaches(point: string): Claimable {
    if (this.hops.length === 0) return this.judged({ holds: false, seen: 'never seen at all' }, []);
    const hop = this.at(point);
    return this.judged(
      { holds: hop === undefined, seen: hop ? `seen at ${point}` : `not seen at ${point}` },
      hop ? [point] : this.points,
    );
  }

  /** That it reached the point it is meant for. */
  isDelivered(): Claimable {
    return this.judged(this.ends(this.outcome.kind === 'delivered'), [this.to]);
  }

  /** That a rule of this bridge dropped it, of which flow counters and ofproto/trace give the same account. */
  isDroppedIn(bridge: string): Claimable {
    const { outcome } = this;
    return this.judged(this.ends(outcome.kind === 'dropped' && outcome.bridge === bridge), this.points);
  }

  /** That this bridge forwarded it elsewhere, of which flow counters and ofproto/trace give the same account. */
  isMisdirectedIn(bridge: string): Claimable {
    const { outcome } = this;
    return this.judged(this.ends(outcome.kind === 'misdirected' && outcome.bridge === bridge), this.points);
  }

  /** That another journey sets out after this one arrived, within a time in ms. */
  isAnsweredBy(answer: JourneyStory, withinMs: number): Claimable {
    const arrived = this.at(this.to);
    const left = answer.hops[0];
    if (!arrived) return this.judged({ holds: false, seen: `never reached ${this.to}` }, []);
    if (!left) return this.judged({ holds: false, seen: `no ${answer.what}` }, [this.to]);
    const afterMs = Number(left.time - arrived.time) / 1e6;
    return {
      holds: afterMs >= 0 && afterMs <= withinMs,
      why: `${answer.what} after ${afterMs.toFixed(1)} ms`,
      evidence: [arrived, left].map(reference),
      journeys: [this, answer],
    };
  }

  private get points(): string[] {
    return this.hops.map(({ point }) => point);
  }

  private passes(points: readonly string[]): Finding {
    const missing = points.filter((point) => !this.at(point));
    if (missing.length > 0) return { holds: false, seen: `not seen at ${missing.join(', ')}` };
    const positions = points.map((point) => this.hops.findIndex((hop) => hop.point === point));
    const holds = positions.every(
      (position, index) => index === 0 || position > (positions[index - 1] ?? -1),
    );
    return { holds, seen: `seen at ${points.join(', ')}${holds ? '' : ', but not in this order'}` };
  }

  private tagAt({ vlan, point }: TagAt): Finding {
    const hop = this.at(point);
    if (!hop) return { holds: false, seen: `not seen at ${point}` };
    return { holds: hop.vlan === vlan, seen: `${vlanText(hop.vlan)} at ${point}` };
  }

  private ends(holds: boolean): Finding {
    return { holds, seen: outcomeText(this.outcome) };
  }

  private judged({ holds, seen }: Finding, points: readonly string[]): Claimable {
    const evidence = this.hops.filter((hop) => points.includes(hop.point)).map(reference);
    const end = outcomeText(this.outcome);
    const lost = !holds && this.outcome.kind !== 'delivered' && seen !== end ? `; ${end}` : '';
    return { holds, why: `${this.what}: ${seen}${lost}`, evidence, journeys: [this] };
  }
}

/** Whether a thing is so, and what was seen of it. */
interface Finding {
  readonly holds: boolean;
  readonly seen: string;
}
