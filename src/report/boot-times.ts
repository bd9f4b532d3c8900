import type { BootReport } from '../ironic/boot.ts';
import type { Phase } from '../ironic/node.ts';

/** A phase of a provisioning with the time that led to it. */
export interface TimedPhase extends Phase {
  /** From the command to the end of the phase before, in ms. */
  readonly startMs: number;
  readonly durationMs: number;
}

/** Each phase with what came before it: it lasts from when the one before was seen until it was seen itself. */
export function timedPhases({ phases, startedAt }: Pick<BootReport, 'phases' | 'startedAt'>): TimedPhase[] {
  const start = Date.parse(startedAt);
  return phases.map((phase, index) => {
    const before = Date.parse(phases[index - 1]?.at ?? startedAt);
    return { ...phase, startMs: before - start, durationMs: Math.max(0, Date.parse(phase.at) - before) };
  });
}
