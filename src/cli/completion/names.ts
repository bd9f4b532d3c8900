import { packageRoot } from '../package.ts';
import type { Candidate, NamesFor, Slot } from './candidates.ts';

const folders = { cwd: process.cwd(), packageRoot };

/** What fills which argument (`up topology`) or option (`exec --name`). What is not here is completed as a file. */
const fillings: Readonly<Record<string, (slot: Slot) => Promise<readonly Candidate[]>>> = {
  'up topology': topologies,
  'up --name': labs,
  'down name': labs,
  'status name': labs,
  'hardware-info lab': labs,
  'shell host': places,
  'shell --name': labs,
  'exec host': places,
  'exec --name': labs,
  'scenario name': scenarios,
  'scenario --topology': topologies,
  'suite pattern': scenarios,
  'suite --topology': topologies,
};

/** The names of topologies, labs, scenarios and hosts that there are now. */
export const namesFor: NamesFor = async (slot) =>
  (await fillings[`${slot.command} ${slot.name}`]?.(slot)) ?? [];

async function topologies(): Promise<Candidate[]> {
  const { listTopologies } = await import('../../topology/resolve.ts');
  return (await listTopologies(folders)).map(({ name }) => ({ word: name, about: 'topology' }));
}

async function scenarios(): Promise<Candidate[]> {
  const { listScenarios } = await import('../../scenarios/load.ts');
  return listScenarios(folders).map(({ name }) => ({ word: name, about: 'scenario' }));
}

async function labs(): Promise<Candidate[]> {
  const { labNames } = await import('../../lab/record.ts');
  return labNames().map((word) => ({ word, about: 'lab' }));
}

/** The hosts of the lab that --name gives, or the only one, and the namespaces in them. */
async function places({ before }: Slot): Promise<Candidate[]> {
  const { chooseRunningLab } = await import('../../lab/choose.ts');
  const { placesOf } = await import('../../lab/place.ts');
  const named = before.indexOf('--name');
  const lab = chooseRunningLab(named < 0 ? undefined : before[named + 1]);
  return placesOf(lab).map((word) => ({ word, about: `in lab ${lab.name}` }));
}
