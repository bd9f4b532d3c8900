import type { Room } from '../linux/room.ts';
import type { RunWeight } from './weight.ts';

/** What all runs that go on at once may take together. */
export interface Capacity {
  readonly runs: number;
  /** MiB. */
  readonly memory: number;
  readonly cores: number;
}

/** The rest of the memory is for what else the machine does. */
const memoryShare = 0.85;

/**
 * What a suite may take of a machine.
 *
 * @param jobs how many runs the user wants at once, whatever cores there are; undefined for as many as the cores are
 *   good for
 */
export function capacityOf(room: Room, jobs: number | undefined): Capacity {
  const memory = room.memory * memoryShare;
  if (jobs !== undefined) return { runs: jobs, memory, cores: Number.POSITIVE_INFINITY };
  // Most of a run is waiting, so that even one core is good for two.
  const cores = Math.max(1, room.cores);
  return { runs: Math.ceil(cores * 2), memory, cores };
}

/**
 * Which of the waiting runs to start now, by its index: the first for which there is room beside those that go on.
 * Where none goes on the first one starts whatever it takes.
 *
 * @param freeMemory MiB that the machine has left now
 */
export function nextToStart(
  waiting: readonly RunWeight[],
  running: readonly RunWeight[],
  capacity: Capacity,
  freeMemory: number,
): number | undefined {
  if (waiting.length === 0) return undefined;
  if (running.length === 0) return 0;
  if (running.length >= capacity.runs) return undefined;
  const memory = sum(running.map((weight) => weight.memory));
  const cores = sum(running.map((weight) => weight.cores));
  const index = waiting.findIndex(
    (weight) =>
      memory + weight.memory <= capacity.memory &&
      weight.memory <= freeMemory &&
      cores + weight.cores <= capacity.cores,
  );
  return index < 0 ? undefined : index;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
