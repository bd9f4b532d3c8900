/** The time as a BMC sees it. Handed in, so that tests decide how it passes. */
export interface Clock {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Milliseconds since 1970 UTC. */
  wall(): number;
  /** Calls `act` once after `ms`; the answer calls it off. */
  after(ms: number, act: () => void): () => void;
}

/** The machine's own time. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
