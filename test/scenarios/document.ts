import { expect } from 'vitest';
import type { RunResult, ScenarioResult } from '../../src/scenarios/result.ts';
import type { LabCommand } from '../lab-command.ts';

/** The document of `lab scenario --json`. */
export type ScenarioDocument = ScenarioResult & { readonly schema: string };

/** Runs a scenario and answers its document, whatever the verdict. */
export function runScenario(
  lab: LabCommand,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<ScenarioDocument> {
  return lab.json(['scenario', ...args, '--quiet'], { timeoutMs: 120_000, ...options });
}

/** The run on a topology. */
export function runOn(document: ScenarioDocument, topology: string): RunResult {
  const found = document.runs.find((run) => run.topology === topology);
  expect(found, `a run on ${topology}`).toBeDefined();
  return found as RunResult;
}

/** What a reader wants to see of a run that did not pass. */
export function complaint({ verdict, reason, claims }: RunResult): string {
  const broken = claims.filter(({ holds }) => !holds).map(({ text, why }) => `${text}: ${why}`);
  return [verdict, reason, ...broken].filter((line) => line !== undefined).join('\n');
}

/** A journey as points with tags: `devstack/eth2 1001`, without those it was flooded to; ids in names are left out. */
export function wayOf(run: RunResult, what: string): string[] {
  const journey = run.journeys.find((it) => it.what === what);
  expect(journey, `journey ${what} of ${run.journeys.map((it) => it.what).join(', ')}`).toBeDefined();
  return (journey?.hops ?? [])
    .filter(({ aside }) => !aside)
    .map(({ point, vlan }) => `${point.replace(/(tap|qr-|qg-)[0-9a-f-]{11}$/, '$1')} ${vlan ?? '-'}`);
}
