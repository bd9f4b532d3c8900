import { statSync } from 'node:fs';
import { LabError } from '../errors.ts';
import { endHosts } from '../linux/host-processes.ts';
import type { Lock } from '../linux/lock.ts';
import { isRunning } from '../linux/process-identity.ts';
import { removeFolder } from '../linux/remove-folder.ts';
import { isRoot } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import { labFolder } from './home.ts';
import { interruptible } from './interruption.ts';
import { lockLab } from './lifecycle-lock.ts';
import { type LabRecord, labNames, readRecord, writeRecord } from './record.ts';
import { sweepScratch } from './scratch.ts';
import { giveBackStranded } from './stranded-nics.ts';
import { hasNics, pullNics, restoreNics } from './taken-nics.ts';

/**
 * Ends a lab, whatever state it and its record are in. Answers false when there was none of that name.
 *
 * @param name one of `labNames()`
 */
export async function down(name: string, progress: Progress): Promise<boolean> {
  const lock = await lockLab(name, progress);
  try {
    if (!labNames().includes(name)) return false;
    await interruptible(
      async () => {
        const notes = await progress.step(`lab ${name} ended`, () => endLab(name));
        for (const note of notes) progress.note(note);
      },
      () => endLocked(name, lock),
    );
    return true;
  } finally {
    lock.release();
  }
}

/** Ends the labs of commands that died before they could, gives back NICs, and removes temporary files. */
export async function endAbandoned(progress: Progress): Promise<void> {
  sweepScratch();
  await Promise.all(
    labNames()
      .filter(isAbandoned)
      .map((name) => down(name, progress)),
  );
  await giveBackStranded(progress);
}

function isAbandoned(name: string): boolean {
  try {
    const owner = readRecord(name)?.owner;
    return owner !== undefined && !isRunning(owner);
  } catch {
    // Whose lab it is cannot be told, so it is left to `lab down`.
    return false;
  }
}

/** What an interrupted command does with its lab; whatever is cleaned up after it may need the lock. */
export async function endLocked(name: string, lock: Lock): Promise<void> {
  try {
    await endLab(name);
  } finally {
    lock.release();
  }
}

/**
 * Ends what runs of a lab, gives back the NICs that it has of the machine, and removes its folder. The caller holds the
 * lab's lock.
 *
 * @returns a sentence for each NIC that is back
 * @throws LabError `lab-failed` when the lab is another user's: what runs of it cannot even be seen; or when a NIC is not
 *   there to be given back
 */
export async function endLab(name: string): Promise<string[]> {
  const folder = labFolder(name);
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== process.geteuid?.() && !isRoot()) {
    throw new LabError(
      'lab-failed',
      `lab ${name} is another user's: its folder ${folder} belongs to uid ${owner}`,
      {
        remedy: 'the same command as that user, with sudo if sudo built the lab',
      },
    );
  }
  if (hasNics(folder)) unready(name);
  await pullNics(folder);
  await endHosts(folder);
  const notes = await restoreNics(folder);
  await removeFolder(folder);
  return notes;
}

/** Should this command be killed while NICs are on their way back, the lab is none that is up without them. */
function unready(name: string): void {
  let record: LabRecord | undefined;
  try {
    record = readRecord(name);
  } catch {
    // Then no command takes it for one that is up.
  }
  if (record?.hosts) writeRecord({ ...record, hosts: null });
}
