import pc from 'picocolors';
import { vlanText } from '../evidence/outcome.ts';
import type { CapturePoint } from '../evidence/point.ts';
import { FrameDecoder, vlanId } from '../packets/decode.ts';
import type { CapturedFrame } from '../packets/frame.ts';
import { frameText } from './frame-text.ts';
import { clockTime } from './time.ts';

/** Frames of several points, a line each: time, point, tag, what it is. */
export class FrameLines {
  private readonly points: readonly string[];
  private readonly width: number;
  private readonly decoder = new FrameDecoder();

  constructor(points: readonly CapturePoint[], labels: ReadonlyMap<string, string>) {
    this.points = points.map(({ name }) => {
      const label = labels.get(name);
      return label === undefined ? name : `${name} (${label})`;
    });
    this.width = Math.max(...this.points.map((point) => point.length));
  }

  line(frame: CapturedFrame): string {
    const decoded = this.decoder.decode(frame);
    const tag = vlanText(vlanId(decoded)).padEnd(9);
    return [
      pc.dim(clockTime(frame.time)),
      (this.points[frame.interfaceId ?? 0] ?? '').padEnd(this.width),
      decoded.vlans.length > 0 ? pc.cyan(tag) : tag,
      frameText(decoded),
    ].join('  ');
  }
}
