import type { LinkFaults } from '../../src/topology/schema.ts';

/** A cable with nothing wrong but what is given. */
export function faults(wrong: Partial<LinkFaults> = {}): LinkFaults {
  return {
    seed: 0,
    loss: 0,
    delay_ms: 0,
    jitter_ms: 0,
    duplicate: 0,
    reorder: 0,
    rate_mbit: null,
    down: false,
    ...wrong,
  };
}
