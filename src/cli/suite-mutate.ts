import { writeFileSync } from 'node:fs';
import { exitCode } from '../errors.ts';
import { chooseAccelerator } from '../libvirt/accelerator.ts';
import { mutationJson } from '../report/mutation-json.ts';
import { mutantLine, mutationText } from '../report/mutation-text.ts';
import { ProgressLog } from '../report/progress.ts';
import { mutate } from '../suite/mutation/mutate.ts';
import { mutatedOf } from '../suite/mutation/mutated.ts';
import type { PlannedRun } from '../suite/plan.ts';
import { progressFor } from './context.ts';
import { packageRoot } from './package.ts';

/** `lab suite --mutate`: exit code 1 when a mutant survives that a scenario could notice. */
export async function mutateSuite(
  plan: readonly PlannedRun[],
  options: { readonly jobs?: number; readonly quiet?: boolean; readonly json?: string | true },
): Promise<void> {
  const { jobs = 2, quiet = false, json } = options;
  const write = quiet ? () => undefined : (line: string) => void process.stderr.write(`${line}\n`);
  const result = await mutate(await mutatedOf(plan, packageRoot), {
    accelerator: await chooseAccelerator(progressFor({ quiet })),
    jobs,
    progress: new ProgressLog(),
    onResult: (mutant, done, all) => write(`${done}/${all} ${mutantLine(mutant)}`),
  });
  const document = mutationJson(result);
  if (typeof json === 'string') writeFileSync(json, document);
  process.stdout.write(json === true ? document : `${mutationText(result)}\n`);
  const missed = result.mutants.some(({ caught, equivalent }) => !caught && equivalent === null);
  if (missed) process.exitCode = exitCode.claimFailed;
}
