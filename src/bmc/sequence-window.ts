/**
 * Which session sequence numbers were seen, so that a repeated or stale packet is dropped (IPMI 2.0 sections
 * 6.12.13 and 6.12.14). Numbers wrap at 2^32 and 0 is never used inside a session.
 */
const span = 2 ** 32;
const behind = 32;

export class SequenceWindow {
  #highest: number;
  /** Bit n: `highest - n` was seen, or is older than the session. */
  #seen: number;
  readonly #ahead: number;

  /**
   * @param first the number that the peer starts with
   * @param ahead how far a number may run ahead of the highest seen. Signed packets may run far ahead: the loss
   *   of many packets must not end a session. Unsigned ones may not.
   */
  constructor(first: number, ahead: number) {
    this.#highest = (first - 1 + span) % span;
    this.#seen = 0xffffffff;
    this.#ahead = ahead;
  }

  /** Takes note of a number; false when the packet is to be dropped. */
  accept(sequence: number): boolean {
    if (sequence === 0) return false;
    const step = (sequence - this.#highest + span) % span;
    if (step > 0 && step <= this.#ahead) {
      this.#seen = step >= behind ? 1 : ((this.#seen << step) | 1) >>> 0;
      this.#highest = sequence;
      return true;
    }
    const age = (this.#highest - sequence + span) % span;
    if (age >= behind || (this.#seen >>> age) & 1) return false;
    this.#seen = (this.#seen | (1 << age)) >>> 0;
    return true;
  }
}

/** The number after `sequence` on the wire: 0 is skipped. */
export function nextSequence(sequence: number): number {
  return sequence >= span - 1 ? 1 : sequence + 1;
}
