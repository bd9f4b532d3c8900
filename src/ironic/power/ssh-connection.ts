import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Client } from 'ssh2';
import { LabError } from '../../errors.ts';
import type { DriverInfo } from '../node.ts';

/** How long a command over SSH may take, in ms. */
const commandTimeoutMs = 60_000;

/**
 * Runs commands on a host over SSH (ironic/drivers/modules/ssh.py of 2014.2.1 keeps no connection either: each task
 * opens its own).
 *
 * @throws LabError `lab-failed` that names the host and what went wrong there
 */
export async function overSsh<T>(
  info: DriverInfo,
  work: (execute: (command: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const client = await connected(info);
  try {
    return await work((command) => execute(client, info, command));
  } finally {
    client.end();
  }
}

function connected(info: DriverInfo): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once('ready', () => {
      // Without it each command waits 40 ms for the other side's acknowledgement.
      (client as unknown as { _sock?: Socket })._sock?.setNoDelay(true);
      resolve(client);
    });
    client.once('error', (cause) => {
      reject(
        new LabError(
          'lab-failed',
          `cannot connect to ${info.ssh_username}@${info.ssh_address} by SSH: ${cause.message}`,
          {
            remedy: "check the node's ssh_address, ssh_username and ssh_key_filename",
            cause,
          },
        ),
      );
    });
    client.connect({
      host: info.ssh_address ?? '',
      username: info.ssh_username ?? '',
      privateKey: readFileSync(info.ssh_key_filename ?? ''),
      readyTimeout: 10_000,
    });
  });
}

function execute(client: Client, info: DriverInfo, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new LabError('lab-failed', `\`${command}\` on ${info.ssh_address} over SSH: ${why}`));
    const timer = setTimeout(() => fail(`no answer within ${commandTimeoutMs} ms`), commandTimeoutMs);
    client.exec(command, (error, channel) => {
      if (error) {
        clearTimeout(timer);
        fail(error.message);
        return;
      }
      let output = '';
      let errors = '';
      channel.on('data', (data: Buffer) => {
        output += data.toString();
      });
      channel.stderr.on('data', (data: Buffer) => {
        errors += data.toString();
      });
      channel.on('close', (code: number | null) => {
        clearTimeout(timer);
        if (code === 0) resolve(output);
        else fail(errors.trim() || `exit code ${code}`);
      });
    });
  });
}
