import type { BootDevice } from '../../../src/bmc/chassis.ts';
import { run } from '../../../src/linux/process.ts';
import { openTerminal } from '../terminal.ts';
import type { ClientUnderTest, Login } from './client-under-test.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** FreeIPMI keeps a cache of sensor records by host name under HOME. */
const home = temporaryFolder('freeipmi-');
const actions = {
  on: '--on',
  off: '--off',
  cycle: '--cycle',
  reset: '--reset',
  soft: '--soft',
  diag: '--pulse',
};
const devices = { pxe: 'PXE', disk: 'HARD-DRIVE', cdrom: 'CD-DVD', bios: 'BIOS-SETUP' } as const;
type KnownDevice = keyof typeof devices;

function isKnown(device: BootDevice): device is KnownDevice {
  return device in devices;
}

/** FreeIPMI's programs with these options (driver, cipher suite), and no workarounds. */
export function freeipmi(name: string, options: readonly string[]): ClientUnderTest {
  const argv = (program: string, login: Login, words: readonly string[]) => [
    ...[program, '-h', `${login.address}:${login.port}`, '-u', login.user, '-p', login.password],
    ...['-l', login.privilege === 'administrator' ? 'ADMIN' : login.privilege.toUpperCase()],
    ...options,
    ...words,
  ];
  const say = async (program: string, login: Login, ...words: string[]): Promise<string> =>
    (await run(argv(program, login, words), { env: { HOME: home } })).stdout;
  const section = 'Chassis_Boot_Flags';
  const client: ClientUnderTest = {
    name,
    powerStatus: async (login) => {
      const text = await say('ipmipower', login, '--stat');
      const state = /: (on|off)$/m.exec(text)?.[1];
      if (state === 'on' || state === 'off') return state;
      throw new Error(text);
    },
    power: async (login, action) => {
      const text = await say('ipmipower', login, actions[action]);
      if (!/: ok$/m.test(text)) throw new Error(text);
    },
    setBoot: async (login, device, persistent) => {
      if (!isKnown(device)) throw new TypeError(device);
      const pairs = {
        Boot_Flags_Persistent: persistent ? 'Yes' : 'No',
        Boot_Device: devices[device],
      };
      const words = Object.entries(pairs).flatMap(([key, value]) => ['-e', `${section}:${key}=${value}`]);
      await say('ipmi-config', login, '--category=chassis', '--commit', ...words);
    },
    readBoot: async (login) => {
      const text = await say('ipmi-config', login, '--category=chassis', '--checkout', '-S', section);
      const value = (key: string) => new RegExp(`^\\s*${key}\\s+(\\S+)`, 'm').exec(text)?.[1];
      const device = Object.entries(devices).find(([, word]) => word === value('Boot_Device'))?.[0];
      return { device, persistent: device !== undefined && value('Boot_Flags_Persistent') === 'Yes' };
    },
    info: async (login) => {
      const device = await say('bmc-info', login, '--get-device-id');
      // Not every BMC has a GUID of its own.
      return device + (await say('bmc-info', login, '--get-device-guid').catch(() => ''));
    },
    sensors: (login) => say('ipmi-sensors', login, '--quiet-cache'),
    log: (login) => say('ipmi-sel', login, '--quiet-cache'),
    fru: (login) => say('ipmi-fru', login, '--quiet-cache'),
    lan: (login) => say('ipmi-config', login, '--category=core', '--checkout', '-S', 'Lan_Conf'),
    users: (login) => say('ipmi-config', login, '--category=core', '--checkout', '-S', 'User2'),
  };
  if (!options.includes('LAN_2_0')) return client;
  const solOptions = options.filter((word, index) => word !== '-D' && options[index - 1] !== '-D');
  return {
    ...client,
    async console(login, line, awaited) {
      const words = ['ipmiconsole', '-h', `${login.address}:${login.port}`, '-u', login.user];
      const terminal = openTerminal([...words, '-p', login.password, ...solOptions]);
      try {
        await terminal.see('[SOL established]');
        terminal.send(line);
        const seen = await terminal.see(awaited);
        terminal.send('&.');
        await terminal.ended();
        return seen;
      } finally {
        terminal.kill();
      }
    },
  };
}
