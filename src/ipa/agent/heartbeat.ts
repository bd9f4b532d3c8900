import { log } from './log.ts';

/** The first pause after a failed heartbeat, in ms; it grows by `backOff`. */
const firstRetryMs = 1000;
const backOff = 2.7;

/**
 * Tells Ironic at intervals that the agent lives: a random 0.3 to 0.6 of the time after which Ironic would give it
 * up, as ironic-python-agent does, so that many nodes do not come at once; and at once when a command has ended.
 */
export class Heartbeater {
  private readonly beat: () => Promise<void>;
  private readonly timeoutMs: number;
  private retryMs = firstRetryMs;
  private timer: NodeJS.Timeout | undefined;
  private isBeating = false;
  private wantsAnother = false;

  /** @param beat sends one heartbeat; what it throws is told and tried again */
  constructor(beat: () => Promise<void>, timeoutMs: number) {
    this.beat = beat;
    this.timeoutMs = timeoutMs;
  }

  /** Sends a heartbeat now; while one is on its way, another right after it. */
  force(): void {
    if (this.isBeating) {
      this.wantsAnother = true;
      return;
    }
    clearTimeout(this.timer);
    this.isBeating = true;
    this.beat()
      .then(() => {
        this.retryMs = firstRetryMs;
        return this.timeoutMs * (0.3 + 0.3 * Math.random());
      })
      .catch((error: unknown) => {
        log(`heartbeat failed: ${error instanceof Error ? error.message : String(error)}`);
        const pause = Math.min(this.retryMs, this.timeoutMs);
        this.retryMs = pause * backOff;
        return pause;
      })
      .then((pauseMs) => {
        this.isBeating = false;
        const again = this.wantsAnother;
        this.wantsAnother = false;
        if (again) this.force();
        else this.timer = setTimeout(() => this.force(), pauseMs);
      });
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
