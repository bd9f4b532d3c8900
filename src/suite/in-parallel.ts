import { machineRoom } from '../linux/room.ts';
import { type Capacity, nextToStart } from './capacity.ts';
import type { RunWeight } from './weight.ts';

/**
 * Does work for each item, in their order and as many at once as there is room for. What the work throws ends it all,
 * once what was begun has ended.
 *
 * @param signal once it is aborted nothing more is begun
 */
export async function inParallel<Item extends { readonly weight: RunWeight }>(
  items: readonly Item[],
  capacity: Capacity,
  work: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<Item, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const start = (item: Item) => {
    const done = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(item));
    running.set(item, done);
  };
  while (waiting.length > 0 || running.size > 0) {
    const stopped = signal.aborted || failure !== undefined;
    const next = stopped
      ? undefined
      : nextToStart(
          waiting.map(({ weight }) => weight),
          [...running.keys()].map(({ weight }) => weight),
          capacity,
          machineRoom().memory,
        );
    if (next !== undefined) start(...(waiting.splice(next, 1) as [Item]));
    else if (running.size > 0) await Promise.race(running.values());
    else break;
  }
  if (failure) throw failure.error;
}
