import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { LabError, messageOf } from '../errors.ts';
import type { Accelerator } from '../libvirt/domain-xml.ts';
import { errnoOf, fileError, makePrivateFolder } from '../linux/files.ts';
import { identify } from '../linux/process-identity.ts';
import { checkUserMayMakeHosts } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';
import { buildLab } from './build.ts';
import { differences } from './differences.ts';
import { endAbandoned, endLab, endLocked } from './down.ts';
import { checkLabName, labFolder, labsFolder } from './home.ts';
import { interruptible, interruption } from './interruption.ts';
import { type KeptBmcs, readKeptBmcs, writeKeptBmcs } from './kept-bmcs.ts';
import { lockLab } from './lifecycle-lock.ts';
import { type LabPlan, labPlan } from './plan.ts';
import { type Lab, labNames, newRecord, readRecord, writeRecord } from './record.ts';
import { runningLab } from './running.ts';
import { type BmcCredentials, readSecrets } from './secrets.ts';
import { checkNics, checkRoot } from './taken-nics.ts';
import { checkWiring, nicsOf, noWiring, type Wiring, wiringNotes } from './wiring.ts';

export interface UpOptions {
  readonly name: string;
  readonly topology: Topology;
  /** The absolute path of the file it came from. */
  readonly topologyFile: string;
  readonly accelerator: Accelerator;
  /** Ends a lab of the same name with another topology first. */
  readonly replace: boolean;
  /** The lab is for this process alone: once it has ended, whoever comes next ends the lab. */
  readonly owned?: boolean;
  /** Of BMCs whose credentials are not to be made for this lab. */
  readonly credentials?: readonly BmcCredentials[];
  /** What of it is the machine's own network. Default: nothing. */
  readonly wiring?: Wiring;
  /** Whether NICs may be taken that the machine's own connections need. */
  readonly iKnow?: boolean;
  readonly progress: Progress;
}

/**
 * Builds a lab, or finds it built. A lab that a killed command left half-built is ended and built again.
 *
 * @returns the lab, and whether this call built it
 * @throws LabError `usage` when a lab of that name is up with another topology, the name cannot be one, or the wiring
 *   is refused;
 *   `machine-lacks` before anything is built; `lab-failed` when nothing of the lab is left
 */
export async function up(options: UpOptions): Promise<{ readonly lab: Lab; readonly built: boolean }> {
  const { name, topology, replace, progress, wiring = noWiring } = options;
  checkLabName(name);
  const plan = labPlan(topology);
  const wanted = nicsOf(plan, wiring);
  checkWiring(topology, plan, wiring);
  checkRoot(wanted);
  checkUserMayMakeHosts();
  makePrivateFolder(labsFolder());
  await endAbandoned(progress);
  const lock = await lockLab(name, progress);
  try {
    const found = labNames().includes(name);
    const running = found ? findRunning(name, replace) : undefined;
    const known = found ? readSecrets(labFolder(name)) : [];
    const sameLogins = (options.credentials ?? []).every((given) =>
      known.some((it) => isDeepStrictEqual(it, given)),
    );
    const sameWiring = isDeepStrictEqual(running?.wiring ?? noWiring, wiring);
    if (running && isDeepStrictEqual(running.topology, plainCopy(topology)) && sameLogins && sameWiring) {
      return { lab: running, built: false };
    }
    if (running && !replace) {
      throw differentTopology(running, topology, wiring, sameLogins);
    }
    checkPasswords(topology, [...(options.credentials ?? []), ...known]);
    if (found && !running) progress.note(`lab ${name} is there but does not run: building it afresh`);
    const lab = await interruptible(
      async () => {
        const bmcs = found && sameLogins ? readKeptBmcs(labFolder(name)) : {};
        if (found) for (const note of await endLab(name)) progress.note(note);
        await checkNics(name, wanted, { iKnow: options.iKnow ?? false, progress });
        for (const note of wiringNotes(topology, plan, wiring)) progress.note(note);
        return build(options, plan, bmcs);
      },
      () => endLocked(name, lock),
    );
    return { lab, built: true };
  } finally {
    lock.release();
  }
}

/** @throws LabError `lab-failed` for a record that cannot be read, unless the lab is to be replaced anyway */
function findRunning(name: string, replace: boolean): Lab | undefined {
  try {
    const record = readRecord(name);
    return record && runningLab(record);
  } catch (error) {
    if (replace) return undefined;
    throw error;
  }
}

/** @throws LabError `lab-failed` also when something is there that is no lab, such as a link to elsewhere */
function makeLabFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw fileError(`cannot make the folder ${folder}`, error);
  }
}

async function build(options: UpOptions, plan: LabPlan, bmcs: KeptBmcs): Promise<Lab> {
  const { name, topology, topologyFile, accelerator, progress, wiring = noWiring } = options;
  const folder = labFolder(name);
  const owner = options.owned ? identify(process.pid) : undefined;
  makeLabFolder(folder);
  const record = newRecord({ name, topology, topologyFile, wiring, ...(owner ? { owner } : {}) });
  try {
    writeRecord(record);
    writeKeptBmcs(folder, bmcs);
    const lab = await buildLab({ name, folder, topology }, plan, {
      accelerator,
      progress,
      signal: interruption,
      credentials: options.credentials ?? [],
      wiring,
      iKnow: options.iKnow ?? false,
    });
    interruption.throwIfAborted();
    writeRecord({ ...record, hosts: { devstack: lab.devstack, rack: lab.rack } });
    return lab;
  } catch (error) {
    await endLab(name).catch((cause: unknown) => progress.note(messageOf(cause)));
    throw errnoOf(error) ? fileError(`lab ${name} could not be built`, error) : error;
  }
}

/** @throws LabError `usage` for a BMC outside whose password nobody has told */
function checkPasswords(topology: Topology, known: readonly BmcCredentials[]): void {
  const lacking = serversWithBmc(topology).filter(
    ({ kind, name, bmc }) =>
      kind === 'external' && !known.some((it) => it.server === name && it.username === bmc.username),
  );
  if (lacking.length === 0) return;
  const names = lacking.map(({ name, bmc }) => `${name} (user ${bmc.username})`).join(', ');
  throw new LabError('usage', `the passwords of these BMCs are not known: ${names}`, {
    remedy: 'add --hardware-info with a line BMC_IP MAC USER PASSWORD for each',
  });
}

function differentTopology(
  { name, topology: running, wiring: before = noWiring }: Lab,
  wanted: Topology,
  wiring: Wiring,
  sameLogins: boolean,
): LabError {
  const differing = [
    ...differences(running, plainCopy(wanted)),
    ...differences(before, wiring),
    ...(sameLogins ? [] : ['the users or passwords of its BMCs']),
  ].map((line) => `  ${line}`);
  return new LabError('usage', `lab ${name} is up with another topology:\n${differing.join('\n')}`, {
    remedy: `add --replace to end it and build this one, or --name to build this one beside it`,
  });
}

/** What JSON keeps of a value, as the record on disk has been through it. */
function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
