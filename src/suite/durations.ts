import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labHome } from '../lab/home.ts';
import { writeKeptFile } from '../lab/scratch.ts';
import type { SuiteRun } from './result.ts';

/** How long each run took when it last came to an outcome, in ms, by its id. */
export function rememberedDurations(): Readonly<Record<string, number>> {
  try {
    const read: unknown = JSON.parse(readFileSync(durationsFile(), 'utf8'));
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(Object.entries(read).filter(([, ms]) => typeof ms === 'number'));
  } catch {
    // There is none yet, or it is damaged: declared weights will do.
    return {};
  }
}

/** Keeps them for the next suite; where they cannot be kept it goes by declared weights. */
export function rememberDurations(runs: readonly SuiteRun[]): void {
  const ended = runs.filter(({ observed }) => observed !== null);
  const durations = Object.fromEntries(ended.map(({ id, durationMs }) => [id, durationMs]));
  const all = { ...rememberedDurations(), ...durations };
  try {
    writeKeptFile(durationsFile(), JSON.stringify(all, undefined, 1));
  } catch {
    // A full disk is no reason to lose a suite's result.
  }
}

function durationsFile(): string {
  return join(labHome(), 'suite-durations.json');
}
