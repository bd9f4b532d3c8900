import type { CapturedFrame } from '../packets/frame.ts';
import { CaptureParser } from '../packets/read.ts';
import { inAll, startSessions, tapsOf } from './capture.ts';
import type { CaptureSession } from './capture-session.ts';
import { InTimeOrder } from './in-time-order.ts';
import type { CapturePoint } from './point.ts';

/** What one point has seen. */
export interface PointCounts {
  readonly point: string;
  readonly frames: number;
  /** Frames that the kernel had to drop because nobody took them in time. */
  readonly lost: number;
}

/** Frames of several points as they pass, in the order of time. */
export class LiveCapture {
  /** Settled when all taps have ended by themselves: the lab has ended, or their devices have gone. */
  readonly ended: Promise<void>;
  private readonly points: readonly CapturePoint[];
  private readonly sessions: readonly CaptureSession[];
  private readonly order: InTimeOrder;
  private readonly frames: number[];

  /**
   * @param filter pcap-filter(7)
   * @param take is given frames, `interfaceId` the index of their point, `number` counting from 1
   */
  static async start(
    points: readonly CapturePoint[],
    filter: string | undefined,
    take: (frames: readonly CapturedFrame[]) => void,
  ): Promise<LiveCapture> {
    const taps = points.flatMap((point) =>
      tapsOf(point).map((of) => ({
        host: point.host,
        tap: { name: point.name, of, output: 'pipe' as const },
      })),
    );
    return new LiveCapture(points, await startSessions(taps, filter && alsoTagged(filter)), take);
  }

  private constructor(
    points: readonly CapturePoint[],
    sessions: readonly CaptureSession[],
    take: (frames: readonly CapturedFrame[]) => void,
  ) {
    this.points = points;
    this.sessions = sessions;
    this.frames = points.map(() => 0);
    let number = 0;
    this.order = new InTimeOrder((frames) => take(frames.map((frame) => ({ ...frame, number: ++number }))));
    const ends = sessions.flatMap(({ running }) =>
      running.map(({ name, output }) => this.read(name, output ?? [])),
    );
    this.ended = Promise.all(ends).then(() => undefined);
  }

  private async read(name: string, output: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const interfaceId = this.points.findIndex((point) => point.name === name);
    const parser = new CaptureParser({ stable: true });
    for await (const chunk of output) {
      parser.append(chunk);
      const frames: CapturedFrame[] = [];
      while (parser.next()) frames.push({ ...parser.record.toFrame(), interfaceId });
      this.frames[interfaceId] = (this.frames[interfaceId] ?? 0) + frames.length;
      this.order.add(frames);
    }
  }

  /** Ends it when every frame that has passed has been given. */
  async stop(): Promise<PointCounts[]> {
    await inAll(this.sessions, (session) => session.drain()).finally(() =>
      inAll(this.sessions, (session) => session.end()),
    );
    await this.ended;
    this.order.end();
    const taps = this.sessions.flatMap(({ running }) => running);
    return this.points.map(({ name }, index) => ({
      point: name,
      frames: this.frames[index] ?? 0,
      lost: taps.filter((tap) => tap.name === name).reduce((lost, tap) => lost + tap.lastCounts().lost, 0),
    }));
  }
}

/**
 * A filter that says nothing of VLANs is meant for frames with and without a tag. libpcap takes it for untagged ones alone,
 * or for both, according to whether the kernel has taken the tag out of the frame by then; behind `vlan` it looks for
 * both.
 */
export function alsoTagged(filter: string): string {
  return /\bvlan\b/.test(filter) ? filter : `(${filter}) or (vlan and (${filter}))`;
}
