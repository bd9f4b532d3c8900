import type { Cause } from '../../evidence/cause.ts';
import type { Mutation } from './mutation.ts';

/** What became of a mutant. */
export interface MutantResult extends Mutation {
  readonly topology: string;
  /** Whether some scenario was red. */
  readonly caught: boolean;
  /** The scenario that was; null for a survivor. */
  readonly scenario: string | null;
  /** What that scenario's report says of the cause, the nearest first. */
  readonly causes: readonly Cause[];
  /** The first of them is the thing that was mutated. */
  readonly named: boolean;
  /** Of a survivor: why no scenario can notice it; null where one should. */
  readonly equivalent: string | null;
  readonly durationMs: number;
}

/** What became of all mutants of a suite: plain data, as `lab suite --mutate --json` prints it. */
export interface MutationResult {
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly topologies: readonly string[];
  readonly scenarios: readonly string[];
  readonly counts: MutationCounts;
  /** Sorted by topology, then in the order of the plan. */
  readonly mutants: readonly MutantResult[];
}

export interface MutationCounts {
  readonly mutants: number;
  readonly caught: number;
  readonly named: number;
}

export function countMutants(mutants: readonly MutantResult[]): MutationCounts {
  const caught = mutants.filter((it) => it.caught);
  return { mutants: mutants.length, caught: caught.length, named: caught.filter((it) => it.named).length };
}

/** How many of how many, in percent with one decimal; 100 of none. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.round((1000 * part) / whole) / 10;
}
