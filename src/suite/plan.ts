import { LabError } from '../errors.ts';
import type { Scenario } from '../scenarios/api.ts';
import { loadScenario, type ScenarioFolders, type ScenarioLocation } from '../scenarios/load.ts';
import { outcomeFor, type RunTopology } from '../scenarios/run.ts';
import { loadTopology } from '../topology/parse.ts';
import { resolveTopology } from '../topology/resolve.ts';
import { chooseScenarios } from './choose.ts';
import { type RunWeight, weightOf } from './weight.ts';

/** Which runs a suite is made of. */
export interface SuiteChoice {
  readonly patterns: readonly string[];
  /** Names or paths of topologies; undefined for all that each scenario declares. */
  readonly topologies: readonly string[] | undefined;
  /** Only scenarios that have one of these tags; undefined for any. */
  readonly tags: readonly string[] | undefined;
  /** No scenario that has one of these tags. */
  readonly without: readonly string[];
}

/** A scenario on a topology that is to be run. */
export interface PlannedRun {
  /** `SCENARIO on TOPOLOGY`; unique in a suite. */
  readonly id: string;
  readonly scenario: ScenarioLocation;
  readonly about: Pick<Scenario, 'title' | 'teaches' | 'with'> & { readonly tags: readonly string[] };
  readonly expected: string;
  readonly on: RunTopology;
  readonly weight: RunWeight;
}

/**
 * All runs of a suite, sorted by scenario, then by topology. Every file is read here, so that what is wrong with one is
 * told before anything runs.
 *
 * @throws LabError `usage` when a file is wrong, and when there is nothing to run
 */
export async function planSuite(choice: SuiteChoice, folders: ScenarioFolders): Promise<PlannedRun[]> {
  const locations = chooseScenarios(choice.patterns, folders);
  const loaded = await Promise.all(
    locations.map(async (location) => ({
      location,
      scenario: await loadScenario(location, folders.packageRoot),
    })),
  );
  const wanted = loaded.filter(({ scenario }) => hasWantedTags(scenario, choice));
  const open = topologyOpener(folders);
  const given = choice.topologies && (await Promise.all([...new Set(choice.topologies)].map(open)));
  checkNames(given ?? []);
  const runs = await Promise.all(
    wanted.map(async ({ location, scenario }) => {
      const topologies = given ?? (await Promise.all(Object.keys(scenario.outcomes).map(open)));
      return topologies.flatMap((on) => planned(location, scenario, on) ?? []);
    }),
  );
  const all = runs.flat().sort(byScenarioAndTopology);
  if (all.length > 0) return all;
  throw new LabError('usage', 'no scenario is left to be run', {
    remedy: given
      ? 'lab scenarios lists the topologies for which each declares an outcome'
      : 'lab scenarios --json lists the tags of each',
  });
}

function hasWantedTags({ tags = [] }: Scenario, { tags: wanted, without }: SuiteChoice): boolean {
  if (tags.some((tag) => without.includes(tag))) return false;
  return wanted === undefined || tags.some((tag) => wanted.includes(tag));
}

/** Each file is read once. */
function topologyOpener(folders: ScenarioFolders): (nameOrPath: string) => Promise<RunTopology> {
  const opened = new Map<string, Promise<RunTopology>>();
  return (nameOrPath) => {
    const known = opened.get(nameOrPath);
    if (known) return known;
    const opening = resolveTopology(nameOrPath, folders).then(async ({ name, file }) => ({
      name,
      file,
      topology: await loadTopology(file),
    }));
    opened.set(nameOrPath, opening);
    return opening;
  };
}

/** @throws LabError `usage` when two topologies have one name, by which reports tell them apart */
function checkNames(topologies: readonly RunTopology[]): void {
  const twice = topologies.find((on, index) => topologies.findIndex(({ name }) => name === on.name) < index);
  if (!twice) return;
  throw new LabError('usage', `two of the topologies are called ${twice.name}`, {
    remedy: 'rename one of the files',
  });
}

/** undefined when the scenario declares no outcome for the topology. */
function planned(
  scenario: ScenarioLocation,
  { title, teaches, tags = [], ...declared }: Scenario,
  on: RunTopology,
): PlannedRun | undefined {
  const expected = outcomeFor(declared, on);
  if (expected === undefined) return undefined;
  return {
    id: `${scenario.name} on ${on.name}`,
    scenario,
    about: { title, teaches, tags, ...(declared.with ? { with: declared.with } : {}) },
    expected,
    on,
    weight: weightOf({ tags, ...(declared.weight ? { weight: declared.weight } : {}) }),
  };
}

function byScenarioAndTopology(a: PlannedRun, b: PlannedRun): number {
  if (a.scenario.name !== b.scenario.name) return a.scenario.name < b.scenario.name ? -1 : 1;
  return a.on.name < b.on.name ? -1 : 1;
}
