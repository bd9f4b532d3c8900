import { AddressesExhausted } from './address-pool.ts';
import { checkSections } from './checks.ts';
import { complete } from './complete.ts';
import { describeIssue, type Problem, problem } from './problems.ts';
import { type Topology, topologySchema } from './schema.ts';
import { sectionsOf } from './sections.ts';

/** A topology, or all that is wrong in its data. */
export type CheckedData =
  | { readonly topology: Topology; readonly problems: readonly [] }
  | { readonly topology?: never; readonly problems: readonly Problem[] };

/**
 * Checks the plain data of a topology and decides what it leaves open.
 *
 * @param name the topology's name if the data give none
 */
export function checkData(data: unknown, name: string): CheckedData {
  const parsed = topologySchema.safeParse(data);
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = [
    ...issues.flatMap((issue) => describeIssue(issue, data)),
    ...checkSections(sectionsOf(data)),
  ];
  if (!parsed.success || problems.length > 0) return { problems };
  try {
    return { topology: complete(parsed.data, name), problems: [] };
  } catch (error) {
    if (!(error instanceof AddressesExhausted)) throw error;
    return { problems: [problem(error.path, error.message)] };
  }
}
