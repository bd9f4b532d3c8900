import type { Mutation } from './mutation.ts';

/** Why no scenario can notice a mutation; undefined where one can. docs/mutation.md argues each. */
export function equivalence({ thing, change }: Mutation): string | undefined {
  const table = /^rule br-int table=(23|24),priority=0$/.exec(thing)?.[1];
  if (table === undefined) return undefined;
  return change === 'removed'
    ? `a table without rules drops, as this rule does (OpenFlow 1.3.5, section 5.4)`
    : `no rule leads to table ${table}`;
}
