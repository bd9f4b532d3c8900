/**
 * Power, boot device and console through ipmitool, as ironic/drivers/modules/ipmitool.py of 2014.2.1 has them: the
 * password in a file, a pause between two commands to one BMC, power commanded once and then polled.
 */
import { bmcAnswers } from '../bmc/client-login.ts';
import { LabError, messageOf } from '../errors.ts';
import { run } from '../linux/process.ts';
import { waitFor } from '../wait.ts';
import type {
  BootDevice,
  ConsoleInterface,
  ManagementInterface,
  PowerInterface,
} from './drivers/interfaces.ts';
import type { DriverInfo, Node } from './node.ts';
import type { PowerState } from './states.ts';

/** Ironic's [ipmi] options, in ms. */
export interface IpmiSettings {
  /** How long a command is tried, and how long a commanded power state may take. */
  readonly retryTimeoutMs: number;
  /** How long to leave a BMC alone between two commands: many hang when asked faster. */
  readonly minCommandIntervalMs: number;
}

/** Ironic's defaults. */
export const ironicIpmiSettings: IpmiSettings = { retryTimeoutMs: 60_000, minCommandIntervalMs: 5_000 };

/** What reaches a node by ipmitool. */
export interface IpmitoolReach {
  readonly power: PowerInterface;
  readonly management: ManagementInterface;
  readonly console: ConsoleInterface;
}

/** ipmitool's words for the boot devices, as `chassis bootparam get 5` prints them. */
const selectors: readonly (readonly [words: string, device: BootDevice])[] = [
  ['Force PXE', 'pxe'],
  ['Force Boot from default Hard-Drive, request Safe-Mode', 'safe'],
  ['Force Boot from default Hard-Drive', 'disk'],
  ['Force Boot from CD/DVD', 'cdrom'],
  ['Force Boot into BIOS Setup', 'bios'],
];
const bootDevices = selectors.map(([, device]) => device);

/** Without this a BMC forgets a boot device when no power command follows within 60 s. */
const keepBootFlags = ['raw', '0x00', '0x08', '0x03', '0x08'];

/** How long one command may take beyond the time for tries, in ms; ipmitool tries more often than it is told. */
const longestGraceMs = 10_000;

/** The words before an ipmitool command. The password is in the file that they name. */
export function ipmitoolArguments(
  info: DriverInfo,
  { retryTimeoutMs, minCommandIntervalMs }: IpmiSettings,
): string[] {
  const pauseS = Math.max(1, Math.round(minCommandIntervalMs / 1_000));
  const tries = Math.max(1, Math.floor(retryTimeoutMs / 1_000 / pauseS));
  return [
    ...['ipmitool', '-I', 'lanplus', '-H', info.ipmi_address ?? '', '-L', 'ADMINISTRATOR'],
    ...(info.ipmi_port === undefined ? [] : ['-p', String(info.ipmi_port)]),
    ...(info.ipmi_username === undefined ? [] : ['-U', info.ipmi_username]),
    ...(info.ipmi_cipher_suite === undefined ? [] : ['-C', String(info.ipmi_cipher_suite)]),
    ...['-R', String(tries), '-N', String(pauseS), '-f', info.ipmi_password_file ?? ''],
  ];
}

/** The device and persistence in the output of `chassis bootparam get 5`; flags that are not valid say nothing. */
export function parseBootParameter(output: string): { device: BootDevice | null; persistent: boolean } {
  const selector = /Boot Device Selector : (.+)/.exec(output)?.[1]?.trim();
  const isValid = !output.includes('Boot Flag Invalid');
  const device = isValid ? selectors.find(([words]) => words === selector)?.[1] : undefined;
  return {
    device: device ?? null,
    persistent: isValid && output.includes('Options apply to all future boots'),
  };
}

/** Reaches nodes by ipmitool. */
export function ipmitoolReach(settings: IpmiSettings = ironicIpmiSettings): IpmitoolReach {
  const ipmitool = pacedIpmitool(settings);
  const getPowerState = async (node: Node): Promise<PowerState> => {
    const output = await ipmitool(node, 'power', 'status');
    if (output.includes('Chassis Power is on')) return 'power on';
    return output.includes('Chassis Power is off') ? 'power off' : 'error';
  };
  return {
    power: {
      validate: requireIpmi,
      getPowerState,
      setPowerState: async (node, state) => {
        await ipmitool(node, 'power', state === 'power on' ? 'on' : 'off');
        const { retryTimeoutMs } = settingsOf(node, settings);
        let seen: PowerState = null;
        await waitFor(
          `node ${node.name} to be in state "${state}", which its BMC has acknowledged`,
          async () => {
            seen = await getPowerState(node);
            return seen === state ? true : undefined;
          },
          { timeoutMs: retryTimeoutMs, lastSeen: () => `${seen}` },
        );
      },
    },
    management: {
      bootDevices,
      setBootDevice: async (node, device, persistent) => {
        if (!bootDevices.includes(device)) {
          throw new LabError('usage', `node ${node.name}: ipmitool cannot set the boot device ${device}`);
        }
        await ipmitool(node, ...keepBootFlags);
        const options = persistent ? ['options=persistent'] : [];
        await ipmitool(node, 'chassis', 'bootdev', device, ...options);
      },
      getBootDevice: async (node) =>
        parseBootParameter(await ipmitool(node, 'chassis', 'bootparam', 'get', '5')),
    },
    console: {
      command: ({ driver_info }) => [...ipmitoolArguments(driver_info, settings), 'sol', 'activate'],
    },
  };
}

/** @throws LabError `usage` naming what driver_info lacks */
export function requireIpmi({ name, driver_info }: Node): void {
  const { ipmi_address, ipmi_username, ipmi_password_file } = driver_info;
  const missing = Object.entries({ ipmi_address, ipmi_username, ipmi_password_file }).filter(
    ([, value]) => !value,
  );
  if (missing.length === 0) return;
  const names = missing.map(([key]) => key).join(', ');
  throw new LabError('usage', `node ${name} lacks ${names} in its driver_info, which IPMI needs`);
}

/** Runs ipmitool; of the commands to one BMC, one after the other and never two within the interval. */
function pacedIpmitool(settings: IpmiSettings): (node: Node, ...words: string[]) => Promise<string> {
  const turns = new Map<string, Promise<void>>();
  return async (node, ...words) => {
    const { driver_info: info } = node;
    const own = settingsOf(node, settings);
    const bmc = `${info.ipmi_address}:${info.ipmi_port}`;
    const turn = (turns.get(bmc) ?? Promise.resolve()).then(async () => {
      const argv = [...ipmitoolArguments(info, own), ...words];
      const timeoutMs = own.retryTimeoutMs + Math.min(own.retryTimeoutMs, longestGraceMs);
      try {
        return (await run(argv, { timeoutMs })).stdout;
      } catch (cause) {
        throw await sessionTrouble(node, cause);
      }
    });
    const rested = turn
      .catch(() => {})
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, settings.minCommandIntervalMs).unref()));
    turns.set(bmc, rested);
    return turn;
  };
}

/** A deployment may have a patience of its own. */
function settingsOf({ instance_info }: Node, settings: IpmiSettings): IpmiSettings {
  return { ...settings, retryTimeoutMs: instance_info?.timers?.powerTimeoutMs ?? settings.retryTimeoutMs };
}

/** ipmitool says the same of a BMC that is silent and of one that refuses: which it is, is asked. */
async function sessionTrouble({ name, driver_info }: Node, cause: unknown): Promise<unknown> {
  const said = messageOf(cause);
  if (!/Unable to establish|did not end within/.test(said)) return cause;
  const { ipmi_address: address = '', ipmi_port: port } = driver_info;
  const words = /Error: (.*)/.exec(said)?.[1] ?? said;
  const what = (await bmcAnswers({ address, ...(port === undefined ? {} : { port }) }))
    ? 'answers but lets no session begin: its user name or password is another'
    : 'answers nothing: it is off, unreachable, or at another address';
  return new LabError('lab-failed', `the BMC of node ${name} at ${address} ${what} (ipmitool: ${words})`, {
    remedy: "check the node's ipmi_address, ipmi_username and ipmi_password_file",
    cause,
  });
}
