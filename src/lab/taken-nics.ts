import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { writeFileAtomic } from '../linux/files.ts';
import { enterNetwork, type Host } from '../linux/host.ts';
import { takeLock } from '../linux/lock.ts';
import {
  findNic,
  type MachineNetwork,
  type NetworkLink,
  type NicState,
  nicState,
  readLinks,
  readMachineNetwork,
  restoreNic,
} from '../linux/nic.ts';
import { run } from '../linux/process.ts';
import { bootId, isRunning } from '../linux/process-identity.ts';
import { isRoot } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import { waitFor } from '../wait.ts';
import { labFolder } from './home.ts';
import { nicRefusal } from './nic-refusal.ts';
import { labNames } from './record.ts';
import type { WantedNic } from './wiring.ts';

/** What a lab has of the machine: written before a NIC is moved, and kept until each is what it was. */
interface TakenNics {
  /** The network namespace that they are the machine's in. */
  readonly namespace: string;
  /** The host that has them. */
  readonly devstack: Host;
  readonly nics: readonly (NicState & { readonly device: string })[];
}

/** The file in a lab's folder that tells it. */
function takenNicsFile(folder: string): string {
  return join(folder, 'nics.json');
}

/** Whether a lab has NICs of the machine that are not given back yet. */
export function hasNics(folder: string): boolean {
  return existsSync(takenNicsFile(folder));
}

function readTaken(folder: string): TakenNics | undefined {
  const file = takenNicsFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TakenNics) : undefined;
}

const ownNamespace = () => readlinkSync('/proc/self/ns/net');

/** One command at a time moves NICs of a machine. */
const lockNics = () => takeLock('the NICs of this machine');

/**
 * Checks that NICs can be given to a lab, and says what that means for the machine. Changes nothing.
 *
 * @throws LabError `usage` with a sentence that says why one cannot
 */
export async function checkNics(
  lab: string,
  wanted: readonly WantedNic[],
  { iKnow, progress }: { readonly iKnow: boolean; readonly progress: Progress },
): Promise<void> {
  if (wanted.length === 0) return;
  checkRoot(wanted);
  const network = await readMachineNetwork();
  for (const { nic, device } of wanted) {
    const state = await nicState(checkedLink(nic, network, iKnow));
    progress.note(losing(state, device, lab));
  }
}

/** @throws LabError `usage` when this user cannot move NICs */
export function checkRoot(wanted: readonly WantedNic[]): void {
  if (wanted.length === 0 || isRoot()) return;
  throw new LabError('usage', `only root can give the NIC ${wanted[0]?.nic} to a lab`, {
    remedy: 'the same command with sudo',
  });
}

function losing({ name, mac, addresses, routes, kind }: NicState, device: string, lab: string): string {
  const of = [mac, ...addresses.map(({ words }) => words.replace(/ .*/, ''))].join(', ');
  const ways = routes.filter(({ words }) => words.includes(' via ')).length;
  const virtual =
    kind === null
      ? ''
      : `; it is virtual (${kind}): should the lab's hosts be killed, the kernel destroys it`;
  return `NIC ${name} (${of}) becomes ${device} of lab ${lab}: until lab down ${lab} this machine is without it, its addresses${ways > 0 ? ` and the ${ways} route${ways === 1 ? '' : 's'} by way of it` : ''}${virtual}`;
}

function checkedLink(nic: string, network: MachineNetwork, iKnow: boolean): NetworkLink {
  const link = network.links.find(({ ifname }) => ifname === nic);
  const owner = link ? undefined : labNames().find((name) => hasNic(name, nic));
  if (owner !== undefined) {
    throw new LabError('usage', `lab ${owner} has the NIC ${nic}`, { remedy: `lab down ${owner}` });
  }
  const refusal = nicRefusal(nic, network, iKnow);
  if (!link || refusal !== undefined) throw new LabError('usage', refusal ?? `no NIC ${nic}`);
  return link;
}

function hasNic(lab: string, nic: string): boolean {
  return readTaken(labFolder(lab))?.nics.some(({ name }) => name === nic) ?? false;
}

/**
 * Moves NICs of the machine into devstack. What they were is on disk by then.
 *
 * @throws LabError `usage` for one that cannot be taken any more
 */
export async function takeNics(
  folder: string,
  devstack: Host,
  wanted: readonly WantedNic[],
  { iKnow, signal }: { readonly iKnow: boolean; readonly signal: AbortSignal },
): Promise<void> {
  if (wanted.length === 0) return;
  const lock = await lockNics();
  try {
    signal.throwIfAborted();
    const network = await readMachineNetwork();
    const nics = await Promise.all(
      wanted.map(async ({ nic, device }) => ({
        ...(await nicState(checkedLink(nic, network, iKnow))),
        device,
      })),
    );
    const taken: TakenNics = { namespace: ownNamespace(), devstack, nics };
    writeFileAtomic(takenNicsFile(folder), JSON.stringify(taken, undefined, 1));
    for (const { name, device, offloads } of nics) {
      await run(['ip', 'link', 'set', 'dev', name, 'netns', `${devstack.init.pid}`, 'name', device]);
      for (const feature of offloads) {
        await run([...enterNetwork(devstack), 'ethtool', '-K', device, feature, 'off']);
      }
    }
  } finally {
    lock.release();
  }
}

/** Takes the NICs of a lab out of devstack while that runs. `restoreNics` makes them what they were. */
export async function pullNics(folder: string): Promise<void> {
  const lock = await lockNics();
  try {
    const taken = readTaken(folder);
    if (!taken || !isRunning(taken.devstack.init)) return;
    checkNamespace(taken);
    for (const { name, device } of taken.nics) {
      // One that is not there was not moved yet, or is back.
      await run(
        [
          ...enterNetwork(taken.devstack),
          'ip',
          'link',
          'set',
          'dev',
          device,
          'netns',
          `${process.pid}`,
          'name',
          name,
        ],
        { accept: [0, 1, 2] },
      );
    }
  } finally {
    lock.release();
  }
}

/** A NIC goes back to where it came from, and that is the network of this process. */
function checkNamespace({ namespace, nics }: TakenNics): void {
  if (namespace === ownNamespace()) return;
  throw new LabError(
    'lab-failed',
    `${nics.map(({ name }) => name).join(', ')} came from the network namespace ${namespace}, and this is ${ownNamespace()}`,
    { remedy: 'the same command where the lab was built' },
  );
}

/** How long the kernel may take to give back the NICs of a namespace that has ended. */
const returnTimeoutMs = 10_000;

/**
 * Makes the NICs of a lab what they were, once they are back on the machine: pulled, or given back by the kernel, which
 * does so when their namespace ends, without addresses and under the name that they had there. Nothing for a lab
 * without.
 *
 * @returns a sentence for each NIC
 * @throws LabError `lab-failed` when one is not there; what it was stays on disk
 */
export async function restoreNics(folder: string): Promise<string[]> {
  const taken = readTaken(folder);
  if (!taken) return [];
  const notes: string[] = [];
  // Since another boot they have been set up as any.
  if (taken.devstack.init.bootId === bootId()) {
    checkNamespace(taken);
    for (const nic of taken.nics) notes.push(await restored(nic, takenNicsFile(folder)));
  }
  rmSync(takenNicsFile(folder), { force: true });
  return notes;
}

async function restored(nic: NicState, file: string): Promise<string> {
  const link = await waitFor(`NIC ${nic.name} to be back`, async () => findNic(await readLinks(), nic), {
    timeoutMs: returnTimeoutMs,
  }).catch((cause: unknown) => {
    throw new LabError(
      'lab-failed',
      `NIC ${nic.name} (${nic.hardwareAddress}) is not on this machine any more`,
      { remedy: `plug it in, and the same command again; without it, remove ${file}`, cause },
    );
  });
  const refused = await restoreNic(link, nic);
  return `NIC ${nic.name} is back on this machine${refused ? `, but the kernel says: ${refused}` : ''}`;
}
