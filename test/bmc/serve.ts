import { encodeFru } from '../../src/bmc/fru.ts';
import { InMemoryChassis } from '../../src/bmc/in-memory-chassis.ts';
import { type BmcConfig, type ServedBmc, serveBmc } from '../../src/bmc/server.ts';
import { type BmcState, factoryState } from '../../src/bmc/state.ts';
import { enabledUser } from '../../src/bmc/users.ts';
import type { Login } from './clients/client-under-test.ts';

export const adminPassword = 'correct horse';
export const uuid = '3f2b7c10-9d4e-4a5b-8c6d-0123456789ab';

/** Below 32768, for ipmiconsole takes no higher port. */
async function onFreePort<T>(serve: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 50; ; tries -= 1) {
    try {
      return await serve(20_000 + Math.floor(Math.random() * 12_000));
    } catch (error) {
      if (tries === 0 || !String(error).includes('EADDRINUSE')) throw error;
    }
  }
}

export interface TestBmc {
  readonly served: ServedBmc;
  readonly chassis: InMemoryChassis;
  readonly state: BmcState;
  readonly log: string[];
  /** An administrator's log-in. */
  readonly admin: Login;
  login(user: string, privilege: Login['privilege'], password?: string): Login;
}

/**
 * A BMC on loopback with an in-memory machine, and three users whose names say what they may do: `admin`,
 * `operator` and `viewer`, all with the same password.
 */
export async function serveTestBmc(options: Partial<BmcConfig> = {}): Promise<TestBmc> {
  const chassis = new InMemoryChassis();
  const machine = { manufacturer: 'Acme', product: 'Rack Server 1', serial: 'SN-0042' };
  const guid = Buffer.from(uuid.replaceAll('-', ''), 'hex').reverse();
  const state = factoryState(enabledUser('admin', adminPassword), guid, encodeFru(machine));
  state.users[2] = enabledUser('operator', adminPassword, 3);
  state.users[3] = enabledUser('viewer', adminPassword, 2);
  const log: string[] = [];
  const served = await onFreePort((port) =>
    serveBmc({
      name: 'test',
      address: '127.0.0.1',
      port,
      user: 'admin',
      password: adminPassword,
      chassis,
      store: { load: async () => state, save: async () => {} },
      log: (line) => log.push(line),
      ...options,
    }),
  );
  const login = (user: string, privilege: Login['privilege'], password = adminPassword): Login => ({
    address: '127.0.0.1',
    port: served.port,
    user,
    password,
    privilege,
  });
  return { served, chassis, state, log, admin: login('admin', 'administrator'), login };
}
