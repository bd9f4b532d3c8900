import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootDevice } from '../../../src/bmc/chassis.ts';
import { run } from '../../../src/linux/process.ts';
import { openTerminal } from '../terminal.ts';
import type { ClientUnderTest, Login } from './client-under-test.ts';
import { temporaryFolder } from './temporary-folder.ts';

const actions = { on: 'on', off: 'off', cycle: 'cycle', reset: 'reset', soft: 'soft', diag: 'diag' } as const;
const devices = new Map<string, BootDevice>([
  ['Force PXE', 'pxe'],
  ['Force Boot from default Hard-Drive', 'disk'],
  ['Force Boot from CD/DVD', 'cdrom'],
  ['Force Boot into BIOS Setup', 'bios'],
]);
const passwordFiles = new Map<string, string>();

function passwordFile(password: string): string {
  const path = passwordFiles.get(password) ?? join(temporaryFolder('ipmitool-'), 'password');
  if (!passwordFiles.has(password)) writeFileSync(path, password, { mode: 0o600 });
  passwordFiles.set(password, path);
  return path;
}

/** How ipmitool is called for a log-in, before the command. */
export function ipmitoolArguments(login: Login, options: readonly string[]): string[] {
  return [
    ...['ipmitool', '-H', login.address, '-p', String(login.port), '-U', login.user],
    ...['-L', login.privilege.toUpperCase(), '-f', passwordFile(login.password), ...options],
  ];
}

/** ipmitool with these options (interface, cipher suite). */
export function ipmitool(name: string, options: readonly string[]): ClientUnderTest {
  const say = async (login: Login, ...words: string[]): Promise<string> =>
    (await run([...ipmitoolArguments(login, options), ...words])).stdout;
  const client: ClientUnderTest = {
    name,
    powerStatus: async (login) => ((await say(login, 'power', 'status')).includes('is on') ? 'on' : 'off'),
    power: async (login, action) => {
      await say(login, 'power', actions[action]);
    },
    setBoot: async (login, device, persistent) => {
      await say(login, 'chassis', 'bootdev', device, ...(persistent ? ['options=persistent'] : []));
    },
    readBoot: async (login) => {
      const text = await say(login, 'chassis', 'bootparam', 'get', '5');
      const selector = /Boot Device Selector : (.*)/.exec(text)?.[1] ?? '';
      const isValid = text.includes('Boot Flag Valid');
      return {
        device: isValid ? devices.get(selector) : undefined,
        persistent: isValid && text.includes('Options apply to all future boots'),
      };
    },
    info: async (login) => (await say(login, 'mc', 'info')) + (await say(login, 'mc', 'guid')),
    sensors: async (login) => (await say(login, 'sdr', 'elist', 'full')) + (await say(login, 'sensor')),
    log: (login) => say(login, 'sel', 'elist'),
    fru: (login) => say(login, 'fru', 'print'),
    lan: (login) => say(login, 'lan', 'print', '1'),
    users: (login) => say(login, 'user', 'list', '1'),
  };
  if (!options.includes('lanplus')) return client;
  return {
    ...client,
    async console(login, line, awaited) {
      const terminal = openTerminal([...ipmitoolArguments(login, options), 'sol', 'activate']);
      try {
        await terminal.see('SOL Session operational');
        terminal.send(line);
        const seen = await terminal.see(awaited);
        terminal.send('~.');
        await terminal.ended();
        return seen;
      } finally {
        terminal.kill();
      }
    },
  };
}
