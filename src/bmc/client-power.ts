/** Chassis commands of the client: power and boot device (IPMI 2.0 section 28). */
import { LabError } from '../errors.ts';
import { waitFor } from '../wait.ts';
import { type BootFlags, decodeBootFlags, encodeBootFlags } from './boot-options.ts';
import type { BootTarget, PowerState } from './chassis.ts';
import type { IpmiClient } from './client.ts';
import { netFn } from './ipmi-message.ts';

/** What can be asked of the power, and Chassis Control's number for it (table 28-4). */
export const powerActions = { off: 0, on: 1, cycle: 2, reset: 3, diag: 4, soft: 5 } as const;
export type PowerActionName = keyof typeof powerActions;

/** What the machine is after the action; undefined when that cannot be told from its power. */
const powerAfter: Partial<Record<PowerActionName, PowerState>> = {
  off: 'off',
  on: 'on',
  cycle: 'on',
  soft: 'off',
};

export async function readPower(client: IpmiClient): Promise<PowerState> {
  const status = await client.request(netFn.chassis, 0x01);
  return status.readUInt8(0) & 1 ? 'on' : 'off';
}

/**
 * Commands the power once and resolves when the effect was seen.
 *
 * @param timeoutMs how long the effect may take
 * @throws LabError `lab-failed` when the BMC refuses or the effect is not seen in time
 */
export async function setPower(
  client: IpmiClient,
  action: PowerActionName,
  timeoutMs: number,
): Promise<void> {
  await client.request(netFn.chassis, 0x02, [powerActions[action]]);
  const wanted = powerAfter[action];
  if (wanted === undefined) return;
  let seen: PowerState | undefined;
  await waitFor(
    `the power to be ${wanted} after power ${action}`,
    async () => {
      seen = await readPower(client);
      return seen === wanted ? true : undefined;
    },
    { timeoutMs, lastSeen: () => `power ${seen}` },
  );
}

/**
 * Sets the boot device and reads it back.
 *
 * @param target undefined takes an earlier setting back
 * @throws LabError `lab-failed` when the BMC refuses, or reads back something else
 */
export async function setBoot(
  client: IpmiClient,
  target: BootTarget | undefined,
  persistent: boolean,
): Promise<void> {
  // As Ironic does: the flags must not lapse when no chassis control follows within 60 s.
  await client.request(netFn.chassis, 0x08, [0x03, 0x08]);
  const wanted = { valid: target !== undefined, persistent, target };
  await client.request(netFn.chassis, 0x08, [0x05, ...encodeBootFlags(wanted)]);
  const seen = await readBoot(client);
  const same =
    seen.valid === wanted.valid &&
    (!wanted.valid || (seen.persistent === persistent && seen.target?.device === target?.device));
  if (!same) {
    throw new LabError('lab-failed', `the BMC took the boot device but reads back ${JSON.stringify(seen)}`);
  }
}

export async function readBoot(client: IpmiClient): Promise<BootFlags> {
  const answer = await client.request(netFn.chassis, 0x09, [0x05, 0, 0]);
  return decodeBootFlags(answer.subarray(2));
}
