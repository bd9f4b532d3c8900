import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Lab } from '../lab/record.ts';
import { imagesInHost, startProgram } from '../lab/software.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { runIn, seenFromOutside } from '../linux/host.ts';
import { takeLock } from '../linux/lock.ts';
import { type ConductorSettings, junoTimers, type Timers } from './conductor/settings.ts';
import { ensureFileServer } from './file-server/start.ts';
import type { IpmiSettings } from './ipmitool.ts';
import { instanceKey, instanceUser } from './new-instance.ts';

/** The conductor's files in devstack. */
const folder = '/run/ironic';
export const conductorSocket = `${folder}/api.sock`;

/** The lab's BMCs need no rest between two commands, which Ironic leaves real ones for 5 s. */
const labIpmiSettings: IpmiSettings = { retryTimeoutMs: 60_000, minCommandIntervalMs: 0 };

/** Ironic looks once a minute who has not called; the lab's few nodes are looked at each second. */
const labTimers: Timers = { ...junoTimers, callbackCheckMs: 1_000 };

/** For `ssh` to systems that the lab has made: their host keys are new each time, and the user's own files stay as they are. */
const sshConfig = `User ${instanceUser}
IdentityFile ${instanceKey}
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
`;

/** Where a lab's conductor answers, as the machine sees it. */
export function apiSocket(lab: Lab): string {
  return seenFromOutside(lab.devstack, conductorSocket);
}

/**
 * Sees to it that a lab's conductor runs: it is started when it is first needed, with the SSH server that its power
 * driver uses and the HTTP server that nodes boot from. Its nodes are in the lab's folder, so that one that was killed
 * goes on where it was.
 */
export async function ensureConductor(lab: Lab): Promise<void> {
  const lock = await takeLock(`${lab.folder} conductor`);
  try {
    if (await answers(apiSocket(lab))) return await ensureFileServer(lab);
    const inHost = seenFromOutside(lab.devstack, folder);
    makePrivateFolder(inHost);
    const needsSshd = !existsSync(join(inHost, 'sshd.pid'));
    await Promise.all([ensureFileServer(lab), needsSshd ? startSshd(lab, inHost) : undefined]);
    const settings: ConductorSettings = {
      topology: lab.topology,
      nodesFolder: '/run/lab/nodes',
      imagesFolder: imagesInHost,
      socket: conductorSocket,
      ipmi: labIpmiSettings,
      timers: labTimers,
    };
    writeFileSync(join(inHost, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
    await startProgram(lab.devstack, 'conductor', [`${folder}/settings.json`]);
  } finally {
    lock.release();
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

/** An SSH server on devstack's loopback that lets in the conductor's key alone, made anew for each lab. */
async function startSshd(lab: Lab, inHost: string): Promise<void> {
  const { devstack } = lab;
  const key = (name: string) =>
    runIn(devstack, ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', `${folder}/${name}`]);
  await Promise.all([
    key('ssh_key'),
    key('ssh_host_key'),
    runIn(devstack, ['mkdir', '-p', '-m', '0755', '/run/sshd']),
  ]);
  writeFileSync(join(inHost, 'authorized_keys'), readFileSync(join(inHost, 'ssh_key.pub')), { mode: 0o600 });
  const config = [
    'ListenAddress 127.0.0.1:22',
    `HostKey ${folder}/ssh_host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/sshd.pid`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    // In a user namespace the owner of / is nobody, whom strict modes would not trust.
    'StrictModes no',
    'UseDNS no',
    'PrintMotd no',
    'MaxStartups 100',
    'MaxSessions 100',
  ];
  // The user's own shell would read start-up files, which may take longer than the command.
  const passwd = readFileSync('/etc/passwd', 'utf8').replace(
    /^(root:.*):[^:]*:[^:]*$/m,
    `$1:${folder}:/bin/sh`,
  );
  writeFileSync(join(inHost, 'passwd'), passwd, { mode: 0o644 });
  await runIn(devstack, ['mount', '--bind', `${folder}/passwd`, '/etc/passwd']);
  writeFileSync(join(inHost, 'ssh_config'), sshConfig, { mode: 0o600 });
  writeFileSync(join(inHost, 'sshd_config'), `${config.join('\n')}\n`, { mode: 0o600 });
  await runIn(devstack, ['/usr/sbin/sshd', '-f', `${folder}/sshd_config`]);
}
