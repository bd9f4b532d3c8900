import { readdirSync, readFileSync } from 'node:fs';
import { waitFor } from '../wait.ts';
import { identify, isRunning, kill, type ProcessIdentity } from './process-identity.ts';

/**
 * The environment variable by which the first processes of a host are known, whoever made them and however that
 * ended: it holds the host's folder. What programs inside a host are given does not have it.
 */
export const hostMark = 'LAB_HOST';

/** The first processes of the hosts whose folder is `folder` or below it, as the machine sees them. */
export function processesOfHosts(folder: string): ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || !isMarked(name, folder)) return [];
    return identify(Number(name)) ?? [];
  });
}

function isMarked(pid: string, folder: string): boolean {
  let environment: string;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It has ended, or it is another user's: not one of ours.
    return false;
  }
  const mark = `\0${hostMark}=${folder}`;
  const start = `\0${environment}`.indexOf(mark);
  if (start < 0) return false;
  const next = environment[start - 1 + mark.length];
  return next === '\0' || next === '/' || next === undefined;
}

/**
 * Ends every host whose folder is `folder` or below it, with everything in it, and answers when they are gone.
 *
 * @throws LabError `lab-failed` when one does not end, or is another user's
 */
export async function endHosts(folder: string): Promise<void> {
  // A process that was about to make another one is found in the next round.
  for (let found = processesOfHosts(folder); found.length > 0; found = processesOfHosts(folder)) {
    for (const each of found) kill(each);
    // The kernel lets the first process of a host end after all others.
    await waitFor(`the hosts in ${folder} to end`, () => (found.some(isRunning) ? undefined : true), {
      timeoutMs: 20_000,
    });
  }
}
