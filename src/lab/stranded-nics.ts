import { messageOf } from '../errors.ts';
import type { Progress } from '../report/progress.ts';
import { labFolder } from './home.ts';
import { labIsLocked, lockLab } from './lifecycle-lock.ts';
import { type LabRecord, labNames, readRecord } from './record.ts';
import { runningLab } from './running.ts';
import { hasNics, pullNics, restoreNics } from './taken-nics.ts';

/**
 * Gives back the NICs of labs that do not run: a command on them was killed, or their hosts were. What else is left of
 * such a lab stays for `lab down`.
 */
export async function giveBackStranded(progress: Progress): Promise<void> {
  for (const name of labNames()) {
    const folder = labFolder(name);
    if (!hasNics(folder) || (await labIsLocked(name))) continue;
    const lock = await lockLab(name, progress);
    try {
      if (runs(name)) continue;
      await pullNics(folder);
      for (const note of await restoreNics(folder)) progress.note(`${note}: lab ${name} does not run`);
    } catch (error) {
      progress.note(`lab ${name}: ${messageOf(error)}`);
    } finally {
      lock.release();
    }
  }
}

function runs(name: string): boolean {
  let record: LabRecord | undefined;
  try {
    record = readRecord(name);
  } catch {
    // Whatever it is, no command can use it.
  }
  return record !== undefined && runningLab(record) !== undefined;
}
