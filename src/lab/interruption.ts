import { exitCode, LabError, messageOf } from '../errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const controller = new AbortController();
/** What is to be done should the user interrupt now; the innermost last. */
const cleanUps: (() => Promise<void>)[] = [];

/** Aborted once the user interrupts: from then on nothing new is started. */
export const interruption: AbortSignal = controller.signal;

/**
 * Does work that has something to clean up should the user interrupt it. On Ctrl-C, TERM or a closed terminal
 * `cleanUp` runs once, after that of work inside this one, and the process ends with 130; what the work itself does
 * meanwhile no longer matters, and it never returns.
 */
export async function interruptible<T>(work: () => Promise<T>, cleanUp: () => Promise<void>): Promise<T> {
  // What starts now is part of the cleaning up.
  if (interruption.aborted) return work();
  if (cleanUps.length === 0) for (const signal of signals) process.on(signal, onSignal);
  cleanUps.push(cleanUp);
  const done = () => {
    cleanUps.splice(cleanUps.indexOf(cleanUp), 1);
    if (cleanUps.length === 0) for (const signal of signals) process.off(signal, onSignal);
  };
  try {
    const result = await work();
    if (interruption.aborted) await never();
    done();
    return result;
  } catch (error) {
    // The work fails because what it uses is being taken away.
    if (interruption.aborted) await never();
    done();
    throw error;
  }
}

function onSignal(): void {
  if (interruption.aborted) return;
  controller.abort(new LabError('interrupted', 'interrupted'));
  process.stderr.write('\ninterrupted: cleaning up\n');
  void cleanUpAll().finally(() => process.exit(exitCode.interrupted));
}

async function cleanUpAll(): Promise<void> {
  for (const cleanUp of cleanUps.toReversed()) {
    await cleanUp().catch((error: unknown) => process.stderr.write(`lab: ${messageOf(error)}\n`));
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
