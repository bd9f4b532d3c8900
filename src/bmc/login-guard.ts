/**
 * Slows down whoever guesses passwords. What counts is the pair of address and name, whether or not there is
 * such a user, so that neither the delay nor its absence tells which names exist.
 */
import type { Clock } from './clock.ts';

const firstDelayMs = 250;
const longestDelayMs = 2_000;
const forgetAfterMs = 60_000;
const most = 1_024;

export class LoginGuard {
  readonly #failures = new Map<string, { count: number; at: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next answer to this pair is held back, in ms. */
  delay(address: string, name: string): number {
    const failures = this.#failures.get(key(address, name));
    if (!failures || this.#clock.now() - failures.at > forgetAfterMs) return 0;
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (failures.count - 1));
  }

  failed(address: string, name: string): void {
    const id = key(address, name);
    const count = (this.delay(address, name) > 0 ? (this.#failures.get(id)?.count ?? 0) : 0) + 1;
    // Set anew, so that the oldest pair is the first in the map.
    this.#failures.delete(id);
    this.#failures.set(id, { count, at: this.#clock.now() });
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > most && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeeded(address: string, name: string): void {
    this.#failures.delete(key(address, name));
  }
}

function key(address: string, name: string): string {
  return `${address} ${name}`;
}
