import { interruptible } from '../lab/interruption.ts';
import type { PlannedRun } from './plan.ts';
import type { SuiteResult } from './result.ts';
import { runSuite, type SuiteOptions } from './run-suite.ts';

/**
 * Runs a suite and reports on it once, also when the user interrupts it: then on what was done until then, when the labs
 * that ran have been ended.
 *
 * @param report must not wait for anything
 */
export async function reportedSuite(
  plan: readonly PlannedRun[],
  options: Omit<SuiteOptions, 'signal'>,
  report: (result: SuiteResult) => void,
): Promise<void> {
  const stop = new AbortController();
  let running: Promise<SuiteResult> | undefined;
  const result = await interruptible(
    () => {
      running = runSuite(plan, { ...options, signal: stop.signal });
      return running;
    },
    async () => {
      stop.abort();
      if (running) report(await running);
    },
  );
  report(result);
}
