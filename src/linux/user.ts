import { closeSync, openSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { LabError, messageOf } from '../errors.ts';
import { errnoOf } from './files.ts';

/** Whether this process is the machine's root, so that hosts need no user namespace of their own. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The words before a command that make it root in a user namespace with all subordinate ids of this user. */
export const newUserNamespace = ['unshare', '--user', '--map-root-user', '--map-auto'] as const;

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
 * Checks that this user may make hosts and what hangs on their bridges.
 *
 * @throws LabError `machine-lacks` with the sentence that says what to add
 */
export function checkUserMayMakeHosts(): void {
  if (!isRoot()) checkSubordinateIds();
  checkTun();
}

const tun = '/dev/net/tun';

/** Open vSwitch's userspace datapath and the VMs hang on tap devices. */
function checkTun(): void {
  try {
    closeSync(openSync(tun, 'r+'));
  } catch (cause) {
    const closed = errnoOf(cause) === 'EACCES' || errnoOf(cause) === 'EPERM';
    const sudo = isRoot() ? '' : 'sudo ';
    throw new LabError(
      'machine-lacks',
      closed
        ? `${tun}, by which bridges get their ports, is not open to user ${userInfo().username}`
        : `this machine has no ${tun}, by which bridges get their ports (${messageOf(cause)})`,
      {
        remedy:
          closed && !isRoot()
            ? `sudo chmod 0666 ${tun}`
            : `${sudo}modprobe tun, or allow this container the device`,
        cause,
      },
    );
  }
}

function checkSubordinateIds(): void {
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
