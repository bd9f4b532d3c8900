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
import { labNames, readRecord } from './record.ts';
import { sweepScratch } from './scratch.ts';

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
      () => progress.step(`lab ${name} ended`, () => endLab(name)),
      () => endLocked(name, lock),
    );
    return true;
  } finally {
    lock.release();
  }
}

/** Ends the labs of commands that died before they could, and removes their temporary files. */
export async function endAbandoned(progress: Progress): Promise<void> {
  sweepScratch();
  await Promise.all(
    labNames()
      .filter(isAbandoned)
      .map((name) => down(name, progress)),
  );
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
 * Ends what runs of a lab and removes its folder. The caller holds the lab's lock.
 *
 * @throws LabError `lab-failed` when the lab is another user's: what runs of it cannot even be seen
 */
export async function endLab(name: string): Promise<void> {
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
  await endHosts(folder);
  await removeFolder(folder);
}
