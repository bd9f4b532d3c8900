import { LabError } from './errors.ts';

const firstPauseMs = 1;
const defaultLongestPauseMs = 20;

/**
 * Waits until `probe` answers something other than undefined, and answers that. The project's only poll: use it
 * where the awaited thing gives no event.
 *
 * @param what names what is awaited, for the error ("dnsmasq's pid file")
 * @param probe answers undefined for "not yet"; what it throws ends the wait
 * @param options.timeoutMs the deadline in ms
 * @param options.longestPauseMs between two probes, 20 ms unless told: more where a probe is dear to whom it asks
 * @param options.lastSeen says what was seen last, for the error
 * @throws LabError `lab-failed` when the deadline passes
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  options: {
    timeoutMs: number;
    longestPauseMs?: number;
    lastSeen?: () => string;
    signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { longestPauseMs = defaultLongestPauseMs } = options;
  const deadline = performance.now() + options.timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    options.signal?.throwIfAborted();
    const seen = await probe();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) {
      const last = options.lastSeen?.();
      throw new LabError(
        'lab-failed',
        `waited ${options.timeoutMs} ms for ${what}${last ? `; last seen: ${last}` : ''}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
