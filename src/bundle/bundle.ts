import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { messageOf } from '../errors.ts';
import { labNameFor } from '../lab/home.ts';
import { labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import type { Progress } from '../report/progress.ts';
import { scenarioText } from '../report/scenario-text.ts';
import type { Scenario } from '../scenarios/api.ts';
import type { ScenarioLocation } from '../scenarios/load.ts';
import { pointLabels } from '../scenarios/points.ts';
import type { RunResult } from '../scenarios/result.ts';
import type { RunTopology, RunWitness } from '../scenarios/run.ts';
import { topologyWith } from '../topology/with-settings.ts';
import { allVersions } from './all-versions.ts';
import { BundleDraft } from './draft.ts';
import { addDhcpFiles, addLogs } from './host-files.ts';
import { addJourneys } from './journey-files.ts';
import { addLivingLab, flowsOf } from './living-lab.ts';
import { learnFromCaptures, type MergedCapture, mergeCaptures, pointCaptures } from './merge-captures.ts';
import { readme } from './readme.ts';
import { Redaction, secretsOf } from './redaction.ts';
import { referringTo } from './references.ts';
import { replayScript } from './replay.ts';
import { addSources } from './sources.ts';

/** What a bundle is about, beside the lab. */
export interface BundledRun {
  readonly location: ScenarioLocation;
  readonly scenario: Pick<Scenario, 'title' | 'teaches' | 'with'>;
  readonly on: RunTopology;
  /** Where its captures are. */
  readonly folder: string;
}

/** The name of the capture in a bundle. */
const captureName = 'captures.pcapng';

/**
 * A witness that keeps what is needed to see a run again that did not pass: a folder `SCENARIO-on-TOPOLOGY`. It never
 * fails a run: what cannot be had is told in the folder, and that there is none is told by `progress`.
 *
 * @param parent the folder that bundles go in
 */
export function bundleWitness(run: BundledRun, parent: string, progress: Progress): RunWitness {
  let before: Readonly<Record<string, string>> = {};
  return {
    labIsUp: async (lab) => {
      before = await flowsOf(lab).catch(() => ({}));
    },
    isOver: async (lab, result) => {
      if (result.verdict === 'pass' || result.verdict === 'skip') return result;
      try {
        return await progress.step('bundle collected', () =>
          collectBundle(lab, run, { result, before }, parent),
        );
      } catch (error) {
        progress.note(`no bundle: ${messageOf(error)}`);
        return result;
      }
    },
  };
}

/**
 * Collects a bundle.
 *
 * @param lab undefined when it could not be built
 * @param seen.before the flows of each bridge before the scenario began
 * @returns the result with the bundle's path; its hops and evidence refer to the bundle's capture
 * @throws LabError `lab-failed` when nothing can be written at `parent`
 */
export async function collectBundle(
  lab: Lab | undefined,
  run: BundledRun,
  seen: { readonly result: RunResult; readonly before: Readonly<Record<string, string>> },
  parent: string,
): Promise<RunResult> {
  const { location, scenario, on } = run;
  const draft = new BundleDraft(parent, labNameFor([location.name, 'on', on.name]));
  try {
    const topology = topologyWith(on.topology, scenario.with);
    const redaction = new Redaction(lab ? secretsOf(lab) : []);
    for (const [bridge, flows] of Object.entries(seen.before)) draft.add(`flows/before/${bridge}.txt`, flows);
    if (lab) {
      await Promise.all([
        addLivingLab(draft, lab),
        addLogs(draft, lab),
        addDhcpFiles(draft, lab.devstack, labPlan(topology)),
      ]);
    } else draft.problems.push('the lab could not be built, so that there was nothing to ask');
    await draft.attempt('versions', async () => draft.addJson('versions.json', await allVersions()));
    const files = await addSources(draft, location.file, on.file);
    draft.addJson('topology.json', topology);

    draft.learn(redaction);
    let merged: MergedCapture | undefined;
    await draft.attempt('captures', async () => {
      merged = await addCaptures(draft, run, redaction);
    });
    const result = referringTo(seen.result, captureName, merged);
    addTraces(draft, result);
    const { title, teaches } = scenario;
    const told = { scenario: location.name, title, teaches };
    draft.addJson('result.json', { schema: 'lab/bundle/1', ...told, run: result });
    draft.add(
      'result.txt',
      stripVTControlCharacters(`${scenarioText({ ...told, verdict: result.verdict, runs: [result] })}\n`),
    );
    await draft.attempt('replay.sh', async () =>
      draft.add('replay.sh', replayScript(files, (await allVersions()).lab)),
    );
    if (draft.problems.length > 0)
      draft.add('problems.txt', draft.problems.map((line) => `${line}\n`).join(''));
    const endedAt = new Date().toISOString();
    draft.add(
      'README.txt',
      readme({ ...told, result, endedAt }, [...draft.paths, ...(merged ? [captureName] : [])]),
    );
    draft.learn(redaction);
    const bundle = draft.finish(redaction);
    return { ...referringTo(seen.result, join(bundle, captureName), merged), bundle };
  } finally {
    draft.abandon();
  }
}

async function addCaptures(
  draft: BundleDraft,
  { folder, on, location }: BundledRun,
  redaction: Redaction,
): Promise<MergedCapture | undefined> {
  const captures = pointCaptures(folder);
  if (captures.length === 0) return undefined;
  await learnFromCaptures(captures, redaction);
  const file = join(draft.folder, captureName);
  const labels = pointLabels(labPlan(on.topology));
  const merged = await mergeCaptures(captures, file, {
    comment: `${location.name} on ${on.name}`,
    labels,
    redaction,
  });
  for (const { file: damaged, why } of merged.damaged) draft.problems.push(`${basename(damaged)}: ${why}`);
  await draft.attempt('journeys', () => addJourneys(draft, file));
  return merged;
}

function addTraces(draft: BundleDraft, result: RunResult): void {
  const lost = [...result.journeys, ...result.claims.flatMap(({ journeys }) => journeys ?? [])];
  const byName = new Map(lost.map((journey) => [journey.what, journey]));
  const texts = [...byName.values()].flatMap(({ what, outcome, traces = [] }) =>
    traces.map(({ point, text }) => `== ${what}, in at ${point}: ${outcome.text}\n\n${text.trimEnd()}\n`),
  );
  if (texts.length > 0) draft.add('traces.txt', texts.join('\n'));
}
