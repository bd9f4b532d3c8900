import { exitCode } from '../errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that has something to clean up should the user interrupt it. On Ctrl-C, TERM or a closed terminal
 * `cleanUp` runs once and the process ends with 130; what the work itself does meanwhile no longer matters.
 */
export async function interruptible<T>(work: () => Promise<T>, cleanUp: () => Promise<void>): Promise<T> {
  let interrupted = false;
  const onSignal = () => {
    if (interrupted) return;
    interrupted = true;
    process.stderr.write('\ninterrupted: cleaning up\n');
    void cleanUp().finally(() => process.exit(exitCode.interrupted));
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const result = await work();
    return interrupted ? await never() : result;
  } catch (error) {
    // The work fails because what it uses is being taken away.
    if (interrupted) return await never();
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
