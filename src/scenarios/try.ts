import { LabError, messageOf } from '../errors.ts';
import { type Cause, causesOf } from '../evidence/cause.ts';
import { labDeviations } from '../lab/deviations/all.ts';
import type { Lab } from '../lab/record.ts';
import type { Scenario } from './api.ts';
import { findings, type ReasonKind, type RunResult, runVerdict } from './result.ts';
import { ScenarioRun, type ScenarioRunOptions, Skipped } from './scenario-run.ts';
import { placeIn, placeInFile } from './thrown.ts';

/** What a try of a scenario is told beside its lab. */
export interface TryOptions extends ScenarioRunOptions {
  /** The topology's name, for the result. */
  readonly topology: string;
}

/** Runs a scenario in a lab that is up, which is left as the scenario leaves it. What goes wrong is the result. */
export async function tryScenario(scenario: Scenario, lab: Lab, options: TryOptions): Promise<RunResult> {
  const { expected, topology } = options;
  const start = performance.now();
  let run: ScenarioRun | undefined;
  const ended = async (
    end: Pick<RunResult, 'observed' | 'verdict' | 'reason' | 'reasonKind' | 'line'>,
  ): Promise<RunResult> => {
    const failed = end.verdict === 'fail' || end.verdict === 'error';
    return {
      topology,
      ...(scenario.with ? { with: scenario.with } : {}),
      expected,
      ...end,
      ...(run ? findings(run) : { claims: [], journeys: [], captures: {} }),
      provisionings: [...(run?.ironic.provisionings ?? [])],
      ...(run && failed ? { causes: await causesIn(lab, run) } : {}),
      durationMs: Math.round(performance.now() - start),
    };
  };
  try {
    run = new ScenarioRun(lab, options);
    const observed = await scenario.run(run);
    const links = await run.linkStates();
    const result = await ended({ observed, verdict: runVerdict(expected, observed, run.claims) });
    return { ...result, ...(links.length > 0 ? { links } : {}) };
  } catch (error) {
    const verdict = error instanceof Skipped ? 'skip' : 'error';
    const place = error instanceof Skipped ? '' : placeInFile(error, options.file);
    const reason = `${messageOf(error)}${place}`;
    const line = placeIn(error, options.file)?.line;
    const reasonKind = reasonKindOf(error);
    return ended({ observed: null, verdict, reason, reasonKind, ...(line === undefined ? {} : { line }) });
  }
}

/** What in the lab is not as planned and explains why claims do not hold; looked up at once, before the lab changes. */
async function causesIn(lab: Lab, run: ScenarioRun): Promise<Cause[]> {
  const failing = run.claims.filter(({ holds }) => !holds);
  const followed = run.observed.flatMap(({ stories }) => stories);
  try {
    return causesOf(failing, followed, await labDeviations(lab, { dhcpOptions: run.dhcpOptions }));
  } catch (error) {
    return causesOf(failing, followed, [
      { thing: 'lab', text: `the lab does not answer: ${messageOf(error)}`, at: [] },
    ]);
  }
}

/** What kind of thing a scenario threw. */
function reasonKindOf(error: unknown): ReasonKind {
  if (error instanceof Skipped) return 'skipped';
  if (error instanceof LabError) return error.code;
  return 'scenario-threw';
}
