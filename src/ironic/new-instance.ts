import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Lab } from '../lab/record.ts';
import { seenFromOutside } from '../linux/host.ts';
import { configDrive } from './images/config-drive.ts';

/** The user that a new system is told to have. */
export const instanceUser = 'lab';

/** The private key that new systems let in, as devstack sees it. */
export const instanceKey = '/run/ironic/ssh_key';

/** A configuration of ssh(1) in devstack, with that user and key. */
export const sshConfigFile = '/run/ironic/ssh_config';

/** What a new system is told of itself, and how one logs in to it. */
export interface NewInstance {
  readonly configdrive: string;
  readonly user: string;
  /** Made anew for each instance, as nova makes its adminPass; null where the user's own data says who logs in. */
  readonly password: string | null;
}

/**
 * A config drive for a node: its name as the host name, the lab's SSH key, and a user with a password. The lab's system
 * and any with cloud-init take them from it.
 *
 * @param userData a script or #cloud-config in place of the lab's
 */
export function newInstance(lab: Lab, node: string, userData?: string): NewInstance {
  const key = readFileSync(seenFromOutside(lab.devstack, `${instanceKey}.pub`), 'utf8').trim();
  const password = randomBytes(9).toString('base64url');
  const own = [
    '#cloud-config',
    `user: ${instanceUser}`,
    `password: ${password}`,
    'chpasswd: { expire: false }',
    'ssh_pwauth: false',
    '',
  ].join('\n');
  return {
    configdrive: configDrive({
      uuid: randomUUID(),
      hostname: node.replaceAll('_', '-'),
      publicKeys: { [instanceUser]: key },
      userData: userData ?? own,
    }),
    user: instanceUser,
    password: userData === undefined ? password : null,
  };
}
