import { isLocked, type Lock, takeLock } from '../linux/lock.ts';
import type { Progress } from '../report/progress.ts';
import { labFolder } from './home.ts';

/** Takes the lock under which a lab is built, used by a scenario, or ended: one command at a time. */
export function lockLab(name: string, progress: Progress): Promise<Lock> {
  return takeLock(labFolder(name), () => progress.note(`waiting for another command on lab ${name}`));
}

/** Whether a command is at work on a lab now. */
export function labIsLocked(name: string): Promise<boolean> {
  return isLocked(labFolder(name));
}
