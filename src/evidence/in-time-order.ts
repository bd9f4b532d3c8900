import type { CapturedFrame } from '../packets/frame.ts';
import { byTime } from './by-time.ts';

const firstHoldMs = 200;
const longestHoldMs = 2000;
const tickMs = 50;

/**
 * Puts frames that come from several captures in the order of time. Each is held back for as long as an earlier one may
 * still come from another capture: a fifth of a second at first, longer once one came later than that.
 */
export class InTimeOrder {
  private readonly give: (frames: readonly CapturedFrame[]) => void;
  private held: CapturedFrame[] = [];
  private holdMs = firstHoldMs;
  /** The time up to which frames were given. */
  private given = 0n;
  private timer: NodeJS.Timeout | undefined;

  constructor(give: (frames: readonly CapturedFrame[]) => void) {
    this.give = give;
  }

  add(frames: readonly CapturedFrame[]): void {
    for (const frame of frames) this.held.push(frame);
    if (frames.some(({ time }) => time < this.given)) {
      this.holdMs = Math.min(longestHoldMs, this.holdMs * 2);
    }
    this.timer ??= setTimeout(() => this.tick(), tickMs);
  }

  /** Gives all that is left. */
  end(): void {
    clearTimeout(this.timer);
    this.giveUpTo(undefined);
  }

  private tick(): void {
    this.timer = undefined;
    this.giveUpTo(BigInt(Date.now() - this.holdMs) * 1_000_000n);
    if (this.held.length > 0) this.timer = setTimeout(() => this.tick(), tickMs);
  }

  private giveUpTo(time: bigint | undefined): void {
    this.held.sort(byTime);
    const later = time === undefined ? -1 : this.held.findIndex((frame) => frame.time > time);
    const due = later < 0 ? this.held : this.held.slice(0, later);
    if (due.length === 0) return;
    this.held = later < 0 ? [] : this.held.slice(later);
    this.given = due.at(-1)?.time ?? this.given;
    this.give(due);
  }
}
