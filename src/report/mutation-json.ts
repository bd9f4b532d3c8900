import type { MutationResult } from '../suite/mutation/result.ts';

/** The whole result as one document. */
export function mutationJson(result: MutationResult): string {
  return `${JSON.stringify({ schema: 'lab/mutation/1', ...result }, undefined, 2)}\n`;
}
