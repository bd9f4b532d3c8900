import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PowerState } from '../../../src/bmc/chassis.ts';
import { LabError } from '../../../src/errors.ts';
import type { ClientUnderTest, Login } from './client-under-test.ts';

const driver = new URL('./pyghmi-driver.py', import.meta.url).pathname;
const levels = { user: 2, operator: 3, administrator: 4 };
const devices = { pxe: 'network', disk: 'hd', cdrom: 'optical', bios: 'setup' } as const;
const actions = { on: 'on', off: 'off', reset: 'reset', soft: 'shutdown', diag: 'diag' } as const;

interface Asked {
  readonly operation: string;
  readonly words: readonly unknown[];
}

/** A Python process that carries out one request after the other. */
function startDriver(): { ask(login: Login, asked: Asked): Promise<unknown>; close(): void } {
  const child = spawn('/usr/bin/python3', [driver], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { answer, error } = JSON.parse(line) as { answer?: unknown; error?: string };
    const asked = waiting.shift();
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new LabError('lab-failed', `pyghmi: ${error}`));
  });
  child.on('exit', () => {
    for (const asked of waiting) asked.reject(new LabError('lab-failed', 'pyghmi ended'));
  });
  return {
    ask: ({ address, port, user, password, privilege }, asked) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        const where = { bmc: address, port, userid: user, password, privlevel: levels[privilege] };
        child.stdin.write(`${JSON.stringify({ where, ...asked })}\n`);
      }),
    close: () => child.stdin.end(),
  };
}

/** pyghmi, as Debian packages it. It has no power cycle; its off and on stand for it. */
export function pyghmi(): ClientUnderTest {
  let process: ReturnType<typeof startDriver> | undefined;
  const ask = (login: Login, operation: string, ...words: unknown[]): Promise<unknown> => {
    process ??= startDriver();
    return process.ask(login, { operation, words });
  };
  const text = async (login: Login, operation: string) => JSON.stringify(await ask(login, operation));
  return {
    name: 'pyghmi',
    powerStatus: async (login) => (await ask(login, 'status')) as PowerState,
    power: async (login, action) => {
      if (action === 'cycle') {
        await ask(login, 'power', actions.off);
        await ask(login, 'power', actions.on);
      } else await ask(login, 'power', actions[action]);
    },
    setBoot: async (login, device, persistent) => {
      await ask(login, 'setboot', devices[device as keyof typeof devices], persistent);
    },
    readBoot: async (login) => {
      const { bootdev, persistent } = (await ask(login, 'readboot')) as {
        bootdev: string;
        persistent: boolean;
      };
      const device = Object.entries(devices).find(([, word]) => word === bootdev)?.[0];
      return { device, persistent: device !== undefined && persistent };
    },
    info: (login) => text(login, 'info'),
    sensors: (login) => text(login, 'sensors'),
    log: (login) => text(login, 'log'),
    fru: (login) => text(login, 'fru'),
    lan: (login) => text(login, 'lan'),
    users: (login) => text(login, 'users'),
    console: async (login, line, awaited) => {
      // A console and a session do not get on in one pyghmi process.
      const apart = startDriver();
      try {
        return (await apart.ask(login, { operation: 'console', words: [line, awaited] })) as string;
      } finally {
        apart.close();
      }
    },
    close: () => process?.close(),
  };
}
