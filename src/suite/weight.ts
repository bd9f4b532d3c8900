import type { Scenario } from '../scenarios/api.ts';

/** What a run takes of the machine. */
export interface RunWeight {
  /** MiB. */
  readonly memory: number;
  /** How many cores it keeps busy; less than one for a run that mostly waits. */
  readonly cores: number;
  /** s, on an idle machine with two cores. */
  readonly seconds: number;
}

/** What deploys nodes has the whole of the suite's long waits. */
export const provisioningTag = 'provisioning';

const usual: RunWeight = { memory: 150, cores: 0.5, seconds: 4 };
const provisioning: RunWeight = { memory: 900, cores: 1, seconds: 90 };

/** What a scenario says of its weight, and what its tags imply. */
export function weightOf({ tags = [], weight = {} }: Pick<Scenario, 'tags' | 'weight'>): RunWeight {
  const implied = tags.includes(provisioningTag) ? provisioning : usual;
  return { ...implied, ...weight };
}

/** How long a run may take before it is ended, in ms: a machine may be slow, and may have other work. */
export function deadlineMs({ seconds }: RunWeight): number {
  return Math.max(120, 10 * seconds) * 1000;
}
