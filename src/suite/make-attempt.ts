/**
 * The process that makes one attempt: `node dist/make-attempt.js FOLDER PARENT`. What happens to it happens to no other
 * run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWitness } from '../bundle/bundle.ts';
import { LabError, messageOf } from '../errors.ts';
import { softwareFolder } from '../lab/software.ts';
import { programEnvironment } from '../linux/environment.ts';
import { writeFileAtomic } from '../linux/files.ts';
import { ProgressLog } from '../report/progress.ts';
import { loadScenario } from '../scenarios/load.ts';
import type { RunResult } from '../scenarios/result.ts';
import { runScenario } from '../scenarios/run.ts';
import { type Attempt, attemptFile, bundledRun, resultFile, withoutOutcome } from './attempt.ts';

process.env = programEnvironment(process.env);
const [folder = '.', parent] = process.argv.slice(2);
// Whoever is to be told may have died before this process asked to die with it.
if (process.ppid !== Number(parent)) process.exit();
const attempt = JSON.parse(readFileSync(join(folder, attemptFile), 'utf8')) as Attempt;
writeFileAtomic(join(folder, resultFile), JSON.stringify(await resultOf(attempt)));
// A scenario may have left something behind that would keep the process.
process.exit();

async function resultOf(attempt: Attempt): Promise<RunResult> {
  const { scenario: location, on, labName, folder, accelerator, bundles } = attempt;
  const start = performance.now();
  try {
    const scenario = await loadScenario(location, softwareFolder());
    const progress = new ProgressLog((line) => process.stderr.write(`${line}\n`));
    return await runScenario(scenario, on, {
      labName,
      file: location.file,
      folder,
      accelerator,
      keep: false,
      progress,
      ...(bundles === null ? {} : { witness: bundleWitness(bundledRun(attempt), bundles, progress) }),
    });
  } catch (error) {
    return withoutOutcome(attempt, {
      verdict: 'error',
      reason: messageOf(error),
      reasonKind: error instanceof LabError ? error.code : 'crashed',
      durationMs: Math.round(performance.now() - start),
    });
  }
}
