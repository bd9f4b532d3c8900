import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectIpmi } from '../../src/bmc/client.ts';
import { deactivateSol, openSol } from '../../src/bmc/sol-client.ts';
import { SolRecorder } from '../../src/ironic/conductor/sol-recorder.ts';
import { ConsoleFollower } from '../../src/ironic/console-follower.ts';
import { waitFor } from '../../src/wait.ts';
import { adminPassword, serveTestBmc } from '../bmc/serve.ts';

/* Real sessions on loopback, with a BMC whose machine is in memory. */

async function recorded(reattachMs: number) {
  const bmc = await serveTestBmc();
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  const file = join(folder, 'real-1-console.log');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  const info = { ipmi_address: '127.0.0.1', ipmi_port: bmc.served.port, ipmi_username: 'admin' };
  const node = { uuid: 'a', name: 'real-1', driver_info: { ...info, ipmi_password_file: passwordFile } };
  await bmc.chassis.powerOn(undefined);
  const recorder = new SolRecorder({ log: () => undefined, fileOf: () => file, reattachMs });
  const lines: string[] = [];
  const follower = new ConsoleFollower(file, (line) => lines.push(line.trim()));
  onTestFinished(async () => {
    follower.close();
    await recorder.stop(node);
    await bmc.served.close();
    rmSync(folder, { recursive: true });
  });
  await recorder.start(node);
  /** Waits for so many lines that begin so, and answers the last. */
  const has = (beginning: string, count = 1) =>
    waitFor(
      `"${beginning}" in the record`,
      () => {
        follower.read();
        return lines.filter((line) => line.startsWith(beginning))[count - 1];
      },
      { timeoutMs: 20_000, lastSeen: () => lines.join('\n') },
    );
  const logIn = () =>
    connectIpmi({ address: '127.0.0.1', port: bmc.served.port, user: 'admin', password: adminPassword });
  return { bmc, recorder, node, follower, has, logIn };
}

const deaf = { data: () => undefined, ended: () => undefined };
const fromHere = '[lab: recorded from here]';

test('a console that a BMC drops is asked for again, and what it says then is recorded', async () => {
  const { bmc, has, follower, logIn } = await recorded(20_000);
  bmc.chassis.say('before\r\nlogin: ');
  await has('before');
  const other = await logIn();
  await deactivateSol(other);
  await has('[lab: the console was lost: the BMC took the console away]');
  await has(fromHere, 2);
  await other.close();
  bmc.chassis.say('after\r\n');
  await has('after');
  expect(follower.lost).toBeUndefined();
});

test('a console that another keeps is given up, and why is said', async () => {
  const { has, follower, logIn } = await recorded(700);
  const other = await logIn();
  const [, held] = await Promise.all([deactivateSol(other), openSol(other, deaf)]);
  await has('[lab: no longer recorded: ');
  expect(follower.lost).toContain('another session has it');
  await held.close();
  await other.close();
});

test('whoever wants the console through the lab is given it, until the power is put on again', async () => {
  const { recorder, node, has, follower, logIn } = await recorded(20_000);
  await recorder.stop(node);
  await has('[lab: no longer recorded: somebody wanted the console]');
  expect(follower.lost).toBe('somebody wanted the console');
  const other = await logIn();
  await (await openSol(other, deaf)).close();
  await other.close();
  await recorder.start(node);
  await has(fromHere, 2);
  expect(follower.lost).toBeUndefined();
});
