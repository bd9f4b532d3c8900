import type { LabPlan } from '../../../lab/plan.ts';
import type { Topology } from '../../../topology/schema.ts';
import type { Mutant, MutationKind } from '../mutation.ts';
import { bootOptionsOfNodes, dhcpHosts, dhcpOptions } from './dhcp.ts';
import { ipmiAnswers } from './ipmi.ts';
import { nat } from './nat.ts';
import { ports } from './ports.ts';
import { rules } from './rules.ts';
import { tags } from './tags.ts';

export const mutationKinds: readonly MutationKind[] = [
  rules,
  tags,
  ports,
  nat,
  dhcpHosts,
  dhcpOptions,
  bootOptionsOfNodes,
  ipmiAnswers,
];

/** Every mutant of a lab, with the kind it is of, always in the same order. */
export function allMutants(
  plan: LabPlan,
  topology: Topology,
): { readonly kind: MutationKind; readonly mutant: Mutant }[] {
  return mutationKinds.flatMap((kind) => kind.mutants(plan, topology).map((mutant) => ({ kind, mutant })));
}
