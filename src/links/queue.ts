import type { LinkFaults } from '../topology/schema.ts';
import { fateOf, type LinkDirection } from './fate.ts';

/** What a direction of a link has done since its faults were set. */
export interface LinkCounts {
  /** Frames that came in at one end. */
  readonly received: number;
  /** Frames that went out at the other; a duplicated one counts twice. */
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Lost because more than `queueLimit` frames waited. */
  readonly overflowed: number;
  /** Lost because they are longer than the far end takes. */
  readonly tooLong: number;
}

/** How many frames may wait in a direction, as in tc-netem(8). */
export const queueLimit = 1000;

/** How long a frame waits for the next one to overtake it, in ms. */
export const overtakingMs = 20;

interface Waiting<Frame> {
  readonly frame: Frame;
  /** When it arrives, in ms. */
  at: number;
  /** It waits to be overtaken until then. */
  overtaken: boolean;
}

/**
 * One direction of a link: frames go in, and come out when they arrive. It knows no clock of its own; times are in ms
 * from any start, and never go back.
 */
export class LinkQueue<Frame> {
  private readonly direction: LinkDirection;
  private faults: LinkFaults;
  private counts: { -readonly [Key in keyof LinkCounts]: number } = noCounts();
  private waiting: Waiting<Frame>[] = [];
  /** Until when the frames before occupy the link, by its rate. */
  private busyUntil = 0;
  private lastArrival = 0;

  constructor(direction: LinkDirection, faults: LinkFaults) {
    this.direction = direction;
    this.faults = faults;
  }

  /** Sets other faults. Frames are counted afresh; those on their way still arrive. */
  set(faults: LinkFaults): void {
    this.faults = faults;
    this.counts = noCounts();
  }

  get counted(): LinkCounts {
    return { ...this.counts };
  }

  /** Takes in a frame of so many bytes. */
  accept(frame: Frame, bytes: number, now: number): void {
    const { counts, faults } = this;
    counts.received++;
    const { lost, duplicated, overtaken, jitterMs } = fateOf(faults, this.direction, counts.received);
    if (lost || faults.down) {
      counts.lost++;
      return;
    }
    if (duplicated) counts.duplicated++;
    for (let copy = duplicated ? 2 : 1; copy > 0; copy--) {
      this.enqueue(frame, bytes, now, { overtaken: overtaken && copy === 1, jitterMs });
    }
  }

  /** A frame that the far end does not take. */
  refuse(): void {
    this.counts.received++;
    this.counts.tooLong++;
  }

  private enqueue(
    frame: Frame,
    bytes: number,
    now: number,
    { overtaken, jitterMs }: { readonly overtaken: boolean; readonly jitterMs: number },
  ): void {
    const { counts, faults, waiting } = this;
    if (waiting.length >= queueLimit) {
      counts.overflowed++;
      return;
    }
    const begin = Math.max(now, this.busyUntil);
    this.busyUntil = faults.rate_mbit === null ? begin : begin + (bytes * 8) / (faults.rate_mbit * 1000);
    const arrival = this.busyUntil + Math.max(0, faults.delay_ms + jitterMs);
    if (overtaken) {
      counts.reordered++;
      this.insert({ frame, at: Math.max(arrival, this.lastArrival) + overtakingMs, overtaken: true });
      return;
    }
    this.lastArrival = Math.max(arrival, this.lastArrival);
    // Whatever waited to be overtaken comes right after this one, in the order in which it came.
    const behind = waiting.filter((it) => it.overtaken);
    this.waiting = waiting.filter((it) => !it.overtaken);
    this.insert({ frame, at: this.lastArrival, overtaken: false });
    for (const it of behind) this.insert({ frame: it.frame, at: this.lastArrival, overtaken: false });
  }

  /** Behind all that arrive no later. */
  private insert(entry: Waiting<Frame>): void {
    const after = this.waiting.findLastIndex(({ at }) => at <= entry.at);
    this.waiting.splice(after + 1, 0, entry);
  }

  /** Takes out the frames that have arrived, in order. */
  due(now: number): Frame[] {
    const first = this.waiting.findIndex(({ at }) => at > now);
    const arrived = this.waiting.splice(0, first < 0 ? this.waiting.length : first);
    this.counts.delivered += arrived.length;
    return arrived.map(({ frame }) => frame);
  }

  /** When the next frame arrives; undefined when none is on its way. */
  get nextDue(): number | undefined {
    return this.waiting[0]?.at;
  }
}

function noCounts(): LinkCounts {
  return { received: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0, overflowed: 0, tooLong: 0 };
}
