/** Power and boot device by the lab's own IPMI client: what pxe_ipminative and agent_pyghmi have through pyghmi. */

import type { IpmiClient } from '../bmc/client.ts';
import { connectIpmi } from '../bmc/client.ts';
import type { IpmiTarget } from '../bmc/client-login.ts';
import { readBoot, readPower, setBoot, setPower } from '../bmc/client-power.ts';
import { readSecretFile } from '../bmc/secret-file.ts';
import type { BootDevice, ManagementInterface, PowerInterface } from './drivers/interfaces.ts';
import { requireIpmi } from './ipmitool.ts';
import type { DriverInfo } from './node.ts';

/** How long a commanded power state may take, in ms. */
const powerTimeoutMs = 60_000;

const bootDevices: readonly BootDevice[] = ['pxe', 'disk', 'cdrom', 'bios', 'safe'];

/** How the lab's own client reaches a node's BMC. */
export function ipmiTarget(info: DriverInfo): IpmiTarget {
  return {
    address: info.ipmi_address ?? '',
    ...(info.ipmi_port === undefined ? {} : { port: info.ipmi_port }),
    ...(info.ipmi_cipher_suite === undefined ? {} : { suite: info.ipmi_cipher_suite }),
    user: info.ipmi_username ?? '',
    password: readSecretFile(info.ipmi_password_file ?? ''),
  };
}

async function inSession<T>(info: DriverInfo, use: (client: IpmiClient) => Promise<T>): Promise<T> {
  const client = await connectIpmi(ipmiTarget(info));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

export const nativePower: PowerInterface = {
  validate: requireIpmi,
  getPowerState: async ({ driver_info }) =>
    (await inSession(driver_info, readPower)) === 'on' ? 'power on' : 'power off',
  setPowerState: ({ driver_info, instance_info }, state) => {
    const timeoutMs = instance_info?.timers?.powerTimeoutMs ?? powerTimeoutMs;
    return inSession(driver_info, (client) =>
      setPower(client, state === 'power on' ? 'on' : 'off', timeoutMs),
    );
  },
};

export const nativeManagement: ManagementInterface = {
  bootDevices,
  setBootDevice: ({ driver_info }, device, persistent) =>
    inSession(driver_info, (client) => setBoot(client, { device, efi: false }, persistent)),
  getBootDevice: async ({ driver_info }) => {
    const { valid, persistent, target } = await inSession(driver_info, readBoot);
    const device = bootDevices.find((known) => valid && known === target?.device) ?? null;
    return { device, persistent: valid && persistent };
  },
};
