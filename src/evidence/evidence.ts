import { isDeepStrictEqual } from 'node:util';
import { type Claimable, reference } from './claim.ts';
import type { FrameTest } from './frames.ts';
import type { Journey, SeenFrame } from './journey.ts';
import { JourneyStory, type StoryTrace } from './journey-story.ts';
import { explainLoss, type FlowCounts, type SwitchedPorts } from './loss.ts';
import type { PointMap } from './map.ts';
import { type JourneyOutcome, tunnelOf } from './outcome.ts';
import { tftpContent } from './tftp-content.ts';

/** What was captured in one go, joined to journeys. */
export class Evidence {
  /** The capture file of each point. */
  readonly captures: Readonly<Record<string, string>>;
  /** Every frame, point by point. */
  readonly frames: readonly SeenFrame[];
  readonly journeys: readonly Journey[];
  private readonly map: PointMap;
  private readonly flows: FlowCounts;
  private readonly ports: SwitchedPorts;
  private readonly told: JourneyStory[] = [];

  constructor(parts: {
    readonly captures: Readonly<Record<string, string>>;
    readonly frames: readonly SeenFrame[];
    readonly journeys: readonly Journey[];
    readonly map: PointMap;
    readonly flows: FlowCounts;
    readonly ports: SwitchedPorts;
  }) {
    this.captures = parts.captures;
    this.frames = parts.frames;
    this.journeys = parts.journeys;
    this.map = parts.map;
    this.flows = parts.flows;
    this.ports = parts.ports;
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
    { to, from }: { readonly to: string; readonly from?: string },
  ): Promise<JourneyStory> {
    const journey = this.journeys.find(({ hops: [first] }) => {
      return first && test(first) && (from === undefined || first.point === from);
    });
    const hops = journey?.hops ?? [];
    const traces: StoryTrace[] = [];
    const outcome = await this.outcome(what, hops, to, traces);
    const way = this.wayOf(hops, from ?? to, to);
    const story = new JourneyStory({ what, to, hops, outcome, way, traces });
    this.told.push(story);
    return story;
  }

  /** @param traces is given what Open vSwitch is asked */
  /** Where it should pass: through a tunnel if it was seen in one on its way. */
  private wayOf(hops: readonly SeenFrame[], meantFrom: string, to: string): string[] {
    const from = hops[0]?.point ?? meantFrom;
    const direct = this.map.way(from, to);
    const tunnels = hops.flatMap(({ point, decoded }) =>
      direct.includes(point) ? (tunnelOf(decoded) ?? []) : [],
    );
    return tunnels[0] ? this.map.wayThrough(tunnels[0].type, from, to) : direct;
  }

  private async outcome(
    what: string,
    hops: readonly SeenFrame[],
    to: string,
    traces: StoryTrace[],
  ): Promise<JourneyOutcome> {
    if (hops.length === 0) return { kind: 'unknown', reason: `no ${what} was captured at any point` };
    if (hops.some(({ point }) => point === to)) return { kind: 'delivered', at: to };
    return explainLoss(hops, to, this.map, this.flows, {
      ...this.ports,
      trace: async (point, frame) => {
        const told = await this.ports.trace(point, frame);
        traces.push({ point, text: told.text });
        return told;
      },
    });
  }

  /** That no frame which passes a test was seen at a point; `what` says in words which. */
  neverAt(point: string, what: string, test: FrameTest): Claimable {
    if (!(point in this.captures)) return notCaptured(point);
    const found = this.at(point).filter(test);
    return {
      holds: found.length === 0,
      why: `${found.length === 0 ? 'no' : found.length} ${what} at ${point}`,
      evidence: found.slice(0, 3).map(reference),
      journeys: [],
    };
  }

  /** That a file passed a point whole by TFTP, byte for byte this content, and that its last block was acknowledged. */
  tftpDelivers(file: string, content: Uint8Array, point: string): Claimable {
    if (!(point in this.captures)) return notCaptured(point);
    const { bytes, blocks, ended, acknowledged } = tftpContent(this.at(point), file);
    const same = isDeepStrictEqual(Buffer.from(bytes), Buffer.from(content));
    const seen = `${blocks.length} blocks, ${bytes.length} of ${content.length} bytes`;
    const flaws = [
      ...(same ? [] : [bytes.length === content.length ? 'with other content' : 'not all of it']),
      ...(ended ? [] : ['without its end']),
      ...(acknowledged ? [] : ['the last block not acknowledged']),
    ];
    const [first, last] = [blocks[0], blocks.at(-1)];
    return {
      holds: flaws.length === 0,
      why: `${file} at ${point}: ${[seen, ...flaws].join(', ')}`,
      evidence: [first, last, acknowledged].flatMap((frame) => (frame ? [reference(frame)] : [])),
      journeys: [],
    };
  }

  private at(point: string): SeenFrame[] {
    return this.frames.filter((frame) => frame.point === point);
  }
}

function notCaptured(point: string): Claimable {
  return { holds: false, why: `nothing was captured at ${point}`, evidence: [], journeys: [] };
}
