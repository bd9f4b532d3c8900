import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { LabError } from '../errors.ts';

/** Whether this process is the machine's root, so that hosts need no user namespace of their own. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** libvirtd and OVS change to groups of their own: one mapped id is not enough (subuid(5)). */
const neededIds = 65_536;

/** How many subordinate ids a file in the form of subuid(5) gives a user. */
export function subordinateIds(text: string, user: { name: string; uid: number }): number {
  let count = 0;
  for (const line of text.split('\n')) {
    const [owner, , size] = line.split(':');
    if (owner === user.name || owner === String(user.uid)) count += Number(size) || 0;
  }
  return count;
}

/**
 * Checks that this user may make hosts.
 *
 * @throws LabError `machine-lacks` with the sentence that says what to add
 */
export function checkUserMayMakeHosts(): void {
  if (isRoot()) return;
  const { username, uid } = userInfo();
  const lacking = ['/etc/subuid', '/etc/subgid'].filter(
    (file) => subordinateIds(readOrEmpty(file), { name: username, uid }) < neededIds,
  );
  if (lacking.length === 0) return;
  throw new LabError(
    'machine-lacks',
    `user ${username} has fewer than ${neededIds} subordinate ids in ${lacking.join(' and ')}, which hosts without root are made of`,
    { remedy: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}` },
  );
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
