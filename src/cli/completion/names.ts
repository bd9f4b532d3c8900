import type { Lab } from '../../lab/record.ts';
import { packageRoot } from '../package.ts';
import type { Candidate, NamesFor, Slot } from './candidates.ts';

const folders = { cwd: process.cwd(), packageRoot };

/** The commands that take a node: those of `lab node` by their own name. */
const nodeCommands = [
  ...['boot', 'rebuild', 'undeploy', 'console', 'rescue', 'show', 'delete'],
  ...['set-power-state', 'set-boot-device', 'set-provision-state'],
];

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
  ...Object.fromEntries(
    nodeCommands.flatMap((each) => [[`${each} node`, nodes] as const, [`${each} --name`, labs]]),
  ),
  ...Object.fromEntries(
    ['boot', 'rebuild'].flatMap((each) => [
      [`${each} --driver`, drivers] as const,
      [`${each} --image`, images],
    ]),
  ),
  'boot --network': networks,
  'show image': images,
  'rm image': images,
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

/** The lab that --name gives, or the only one. */
async function labOf({ before }: Slot): Promise<Lab> {
  const { chooseRunningLab } = await import('../../lab/choose.ts');
  const named = before.indexOf('--name');
  return chooseRunningLab(named < 0 ? undefined : before[named + 1]);
}

/** The machines that a lab's conductor knows from the start. */
async function nodes(slot: Slot): Promise<Candidate[]> {
  const { topology } = await labOf(slot);
  const { serversWithBmc } = await import('../../topology/nodes.ts');
  const servers = serversWithBmc(topology);
  return [...topology.vms, ...servers].map(({ name, network }) => ({ word: name, about: `on ${network}` }));
}

async function networks(slot: Slot): Promise<Candidate[]> {
  const { topology } = await labOf(slot);
  return topology.networks.map(({ name, provider }) => ({ word: name, about: provider.network_type }));
}

async function drivers(): Promise<Candidate[]> {
  const { driverDescriptions } = await import('../../ironic/drivers/table.ts');
  return driverDescriptions
    .filter(({ needs }) => needs === undefined)
    .map(({ name, interfaces }) => ({ word: name, about: interfaces.power }));
}

async function images(): Promise<Candidate[]> {
  const { ImageStore } = await import('../../ironic/images/store.ts');
  return new ImageStore().list().map(({ name, id }) => ({ word: name, about: id }));
}

/** The hosts of a lab, and the namespaces in them. */
async function places(slot: Slot): Promise<Candidate[]> {
  const { placesOf } = await import('../../lab/place.ts');
  const lab = await labOf(slot);
  return placesOf(lab).map((word) => ({ word, about: `in lab ${lab.name}` }));
}
