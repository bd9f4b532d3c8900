import { rmSync } from 'node:fs';
import { endHost } from '../linux/host.ts';
import { isRunning } from '../linux/process-identity.ts';
import type { Progress } from '../report/progress.ts';
import { labFolder } from './home.ts';
import { lockLab } from './lifecycle-lock.ts';
import { hostNames, type LabRecord, labNames, readRecord } from './record.ts';

/** Ends a lab, whatever state it is in. Answers false when there was none of that name. */
export async function down(name: string, progress: Progress): Promise<boolean> {
  const lock = await lockLab(name, progress);
  try {
    const record = readRecord(name);
    if (record) await progress.step(`lab ${name} ended`, () => endLab(record));
    // Without a record nothing was started: what is left is a folder.
    else rmSync(labFolder(name), { recursive: true, force: true });
    return record !== undefined;
  } finally {
    lock.release();
  }
}

/** Ends the labs of commands that died before they could. */
export async function endAbandoned(progress: Progress): Promise<void> {
  const abandoned = labNames().filter((name) => {
    const owner = readRecord(name)?.owner;
    return owner !== undefined && !isRunning(owner);
  });
  await Promise.all(abandoned.map((name) => down(name, progress)));
}

/** Ends what a record tells of and removes it. The caller holds the lab's lock. */
export async function endLab(record: LabRecord): Promise<void> {
  const { supervisors, hosts } = record;
  await Promise.all(
    hostNames.map(async (name) => {
      const supervisor = supervisors[name];
      const init = hosts[name]?.init;
      if (supervisor) await endHost({ name, supervisor, ...(init ? { init } : {}) });
    }),
  );
  rmSync(labFolder(record.name), { recursive: true, force: true });
}
