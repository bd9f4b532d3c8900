import { rmSync } from 'node:fs';
import { errnoOf, fileError } from './files.ts';
import { run } from './process.ts';
import { isRoot, newUserNamespace } from './user.ts';

/**
 * Removes a folder and all in it, also what programs of a host have given to others of the host's users.
 *
 * @throws LabError `lab-failed` when something of it stays
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    const code = errnoOf(error);
    if (isRoot() || (code !== 'EACCES' && code !== 'EPERM'))
      throw fileError(`cannot remove ${folder}`, error);
    // A host's other users are this user's subordinate ids, and only in a user namespace are they this user's.
    await run([...newUserNamespace, '--', 'rm', '-rf', '--', folder]);
  }
}
