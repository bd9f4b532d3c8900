import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runsFolder } from '../lab/home.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { identify } from '../linux/process-identity.ts';

/** How many runs keep their captures. */
const kept = 10;

/** Makes the folder of a new run, named so that folders sort by time, and removes those of the oldest runs. */
export function newRunFolder(scenario: string): string {
  const parent = runsFolder();
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = join(parent, `${time}-${process.pid}-${scenario}`);
  makePrivateFolder(folder);
  removeOldRuns(parent);
  return folder;
}

function removeOldRuns(parent: string): void {
  if (!existsSync(parent)) return;
  const oldest = readdirSync(parent).sort().slice(0, -kept);
  for (const name of oldest.filter(hasEnded)) rmSync(join(parent, name), { recursive: true, force: true });
}

/** Whether no other command that still runs has made it: a long suite outlives many a scenario. */
function hasEnded(name: string): boolean {
  const pid = Number(/Z-(\d+)-/.exec(name)?.[1]);
  return pid === process.pid || identify(pid) === undefined;
}
