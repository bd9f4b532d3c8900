import { availableParallelism, cpus, totalmem } from 'node:os';

/** The machine that something ran on. */
export interface Machine {
  /** The processor, by its own name. */
  readonly cpu: string;
  /** How many of its cores may be used. */
  readonly cpus: number;
  readonly memoryGib: number;
}

export function thisMachine(): Machine {
  const cpu = cpus()[0]?.model.trim() || 'unknown processor';
  return { cpu, cpus: availableParallelism(), memoryGib: Math.round((totalmem() / 2 ** 30) * 10) / 10 };
}
