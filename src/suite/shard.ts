import { LabError } from '../errors.ts';
import type { PlannedRun } from './plan.ts';
import type { Shard } from './result.ts';

/**
 * One of several parts of a suite that together are all of it, of much the same weight. It depends on nothing but the
 * runs and the weights that their scenarios declare: machines that share a suite agree without talking.
 */
export function runsOfShard<Run extends Pick<PlannedRun, 'id' | 'weight'>>(
  runs: readonly Run[],
  { index, of }: Shard,
): Run[] {
  const heaviestFirst = [...runs].sort(
    (a, b) => b.weight.seconds - a.weight.seconds || (a.id < b.id ? -1 : 1),
  );
  const loads = Array.from({ length: of }, () => 0);
  const own = new Set<Run>();
  for (const run of heaviestFirst) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + run.weight.seconds;
    if (lightest === index - 1) own.add(run);
  }
  return runs.filter((run) => own.has(run));
}

/** @throws LabError `usage` when a text is not two numbers such as 2/3 */
export function parseShard(text: string): Shard {
  const [, index = 0, of = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new LabError('usage', `"${text}" is no part of a suite`, {
    remedy: '--shard 1/3, --shard 2/3 and --shard 3/3 are together all of it',
  });
}
