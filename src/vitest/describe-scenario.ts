import { join } from 'node:path';
import { afterAll, describe, type TestOptions, test } from 'vitest';
import { labNameFor } from '../lab/home.ts';
import { softwareFolder } from '../lab/software.ts';
import { chooseAccelerator } from '../libvirt/accelerator.ts';
import { plainRunText } from '../report/plain-text.ts';
import { ProgressLog } from '../report/progress.ts';
import { newRunFolder } from '../scenarios/kept-runs.ts';
import type { RunResult } from '../scenarios/result.ts';
import { awaitAttempt } from '../suite/await-attempt.ts';
import { type PlannedRun, planSuite } from '../suite/plan.ts';
import { runSummary } from '../suite/result.ts';
import { deadlineMs } from '../suite/weight.ts';

export interface DescribeScenarioOptions extends TestOptions {
  /** Names or paths of topologies. Default: all that the scenario declares. */
  readonly topologies?: readonly string[];
}

let folder: string | undefined;
let attempts = 0;

/**
 * Declares a test for each topology of a scenario: `on flat: lease`. Each runs in a lab and a process of its own; a
 * failure shows the hop tables and claims at the line of the scenario's file. Timeouts, retries, concurrency and
 * reporters are Vitest's; a run may take as long as its weight says unless `timeout` is given.
 *
 * @param pattern a name from `lab scenarios`, with `*` and `?` for others, or a path
 */
export function describeScenario(pattern: string, options: DescribeScenarioOptions = {}): void {
  const { topologies, ...testOptions } = options;
  describe(pattern, async () => {
    const folders = { cwd: process.cwd(), packageRoot: softwareFolder() };
    const choice = { patterns: [pattern], topologies, tags: undefined, without: [] };
    const going = new Set<Promise<unknown>>();
    for (const run of await planSuite(choice, folders)) {
      const name = `${run.scenario.name === pattern ? '' : `${run.scenario.name} `}on ${run.on.name}: ${run.expected}`;
      test(name, { timeout: deadlineMs(run.weight), ...testOptions }, async ({ signal, skip }) => {
        const attempt = attempted(run, signal);
        going.add(attempt);
        const result = await attempt;
        going.delete(attempt);
        if (result.verdict === 'skip') skip(result.reason);
        if (result.verdict !== 'pass') throw failure(run, result);
      });
    }
    // Vitest does not wait for a test whose time is over; its lab is to be ended before the worker is.
    afterAll(() => Promise.allSettled(going));
  });
}

async function attempted(run: PlannedRun, signal: AbortSignal): Promise<RunResult> {
  const { scenario, about, on, expected } = run;
  folder ??= newRunFolder('vitest');
  const number = ++attempts;
  return awaitAttempt(
    {
      ...{ scenario, about, on, expected },
      labName: labNameFor([scenario.name, on.name], `-${process.pid}-${number}`),
      folder: join(folder, scenario.name, on.name, String(number)),
      accelerator: await chooseAccelerator(new ProgressLog()),
      bundles: null,
    },
    // The time is Vitest's matter: it aborts the signal.
    { deadlineMs: maxTimerMs, signal },
  );
}

/** The longest time that a timer of Node.js takes. */
const maxTimerMs = 2 ** 31 - 1;

/** An error at the line of the scenario's file, which reporters show. */
function failure({ scenario }: PlannedRun, result: RunResult): Error {
  const error = new Error(`${runSummary(result)}\n\n${plainRunText(result)}`);
  error.name = result.verdict === 'fail' ? 'ScenarioFailed' : 'ScenarioError';
  const line = result.line ?? result.claims.find(({ holds }) => !holds)?.line;
  error.stack = `${error.name}: ${error.message}\n    at ${scenario.file}:${line ?? 1}:1`;
  return error;
}
