import type { LabPlan } from '../../lab/plan.ts';
import type { Lab } from '../../lab/record.ts';
import type { DhcpTampering } from '../../scenarios/dhcp-server.ts';
import type { Topology } from '../../topology/schema.ts';

/** One thing of a lab, removed or corrupted. Plain data. */
export interface Mutation {
  /** What sort of thing it is: `rule`, `tag`, … */
  readonly kind: string;
  /** The thing, by its name in src/lab/deviations/things.ts. */
  readonly thing: string;
  /** What is done to it: `removed`, `tag 3 instead of 2`. */
  readonly change: string;
}

/** A mutation with the means to carry it out in a lab that is up. */
export interface Mutant {
  readonly mutation: Mutation;
  apply(lab: Lab): Promise<void>;
  /** Makes the lab again what its plan says. */
  undo(lab: Lab): Promise<void>;
  /** Of a thing that scenarios themselves put into the lab: changes what they write. */
  readonly tamper?: DhcpTampering;
}

/** A sort of things that a lab is made of, and how to spoil one of them. */
export interface MutationKind {
  readonly name: string;
  /** The scenarios that are most likely to notice, which go first. */
  readonly noticedBy: readonly string[];
  /** The network makes no difference to it: the first topology that has any is enough. */
  readonly once?: true;
  /** All mutants of a plan, in its order. */
  mutants(plan: LabPlan, topology: Topology): readonly Mutant[];
}

/** A thing of a plan that is not mutated, and why. */
export interface Excuse {
  readonly thing: string;
  readonly reason: string;
}
