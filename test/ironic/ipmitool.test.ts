import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ipmitoolArguments,
  ipmitoolReach,
  ironicIpmiSettings,
  parseBootParameter,
} from '../../src/ironic/ipmitool.ts';
import { nativeManagement, nativePower } from '../../src/ironic/native-ipmi.ts';
import type { Node } from '../../src/ironic/node.ts';
import { adminPassword, serveTestBmc, type TestBmc } from '../bmc/serve.ts';

/** Ironic leaves a BMC alone for 5 s between two commands; a virtual one needs no such rest. */
const hasty = { retryTimeoutMs: 10_000, minCommandIntervalMs: 0 };

let folder: string;
let bmc: TestBmc;
let node: Node;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ironic-ipmi-'));
  bmc = await serveTestBmc();
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${adminPassword}\n`, { mode: 0o600 });
  node = {
    name: 'server-1',
    driver: 'agent_ipmitool',
    driver_info: {
      ipmi_address: '127.0.0.1',
      ipmi_port: bmc.served.port,
      ipmi_username: 'admin',
      ipmi_password_file: passwordFile,
    },
  } as Node;
});
afterAll(async () => {
  await bmc.served.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => bmc.chassis.powerOff());

const ways = [
  { name: 'ipmitool', ...ipmitoolReach(hasty) },
  { name: 'our own client', power: nativePower, management: nativeManagement },
];

describe.each(ways)('by $name', ({ power, management }) => {
  test('the power is read, set, and set again without effect', async () => {
    expect(await power.getPowerState(node)).toBe('power off');
    await power.setPowerState(node, 'power on');
    expect(await bmc.chassis.powerState()).toBe('on');
    expect(await power.getPowerState(node)).toBe('power on');
    const boots = bmc.chassis.boots.length;
    await power.setPowerState(node, 'power on');
    expect(bmc.chassis.boots.length).toBe(boots);
    await power.setPowerState(node, 'power off');
    expect(await bmc.chassis.powerState()).toBe('off');
  });

  test('a power-on that does not come about is told', async () => {
    bmc.chassis.fault = 'stuck';
    try {
      await expect(power.setPowerState(node, 'power on')).rejects.toThrow();
    } finally {
      bmc.chassis.fault = 'none';
    }
  });

  test.each([true, false])('every boot device is set and read back, persistent: %s', async (persistent) => {
    for (const device of management.bootDevices) {
      await management.setBootDevice(node, device, persistent);
      expect(await management.getBootDevice(node)).toEqual({ device, persistent });
    }
  });

  test('a one-shot boot device is gone after one boot', async () => {
    await management.setBootDevice(node, 'pxe', false);
    await power.setPowerState(node, 'power on');
    expect(bmc.chassis.boots.at(-1)?.from.device).toBe('pxe');
    expect(await management.getBootDevice(node)).toEqual({ device: null, persistent: false });
  });

  test('what is missing from driver_info is named', () => {
    const lacking = { ...node, driver_info: { ipmi_address: '127.0.0.1' } };
    expect(() => power.validate(lacking)).toThrow('ipmi_username, ipmi_password_file');
    power.validate(node);
  });
});

describe('what ipmitool cannot tell apart is told apart', () => {
  const impatient = ipmitoolReach({ retryTimeoutMs: 1_000, minCommandIntervalMs: 0 });
  const changed = (change: Partial<Node['driver_info']>) =>
    ({ ...node, driver_info: { ...node.driver_info, ...change } }) as Node;

  test('a BMC that refuses a log-in', async () => {
    await expect(impatient.power.getPowerState(changed({ ipmi_username: 'nobody' }))).rejects.toThrow(
      'the BMC of node server-1 at 127.0.0.1 answers but lets no session begin',
    );
  });

  test('a BMC that is not there', async () => {
    await expect(impatient.power.getPowerState(changed({ ipmi_port: 9 }))).rejects.toThrow(
      'the BMC of node server-1 at 127.0.0.1 answers nothing',
    );
  });
});

test('ipmitool is called as Ironic calls it, and the password is in no argument', () => {
  const words = ipmitoolArguments({ ...node.driver_info, ipmi_port: 623 }, ironicIpmiSettings);
  expect(words.join(' ')).toBe(
    `ipmitool -I lanplus -H 127.0.0.1 -L ADMINISTRATOR -p 623 -U admin -R 12 -N 5 -f ${node.driver_info.ipmi_password_file}`,
  );
  expect(words.join(' ')).not.toContain(adminPassword);
});

test('two commands to one BMC keep their distance, those to another do not wait', async () => {
  const { power } = ipmitoolReach({ retryTimeoutMs: 10_000, minCommandIntervalMs: 300 });
  await power.getPowerState(node);
  const start = performance.now();
  await power.getPowerState(node);
  expect(performance.now() - start).toBeGreaterThanOrEqual(300);
  const second = await serveTestBmc();
  try {
    const other = { ...node, driver_info: { ...node.driver_info, ipmi_port: second.served.port } };
    const [first, both] = [power.getPowerState(node), power.getPowerState(other)];
    expect(await Promise.race([first.then(() => 'the first'), both.then(() => 'the other')])).toBe(
      'the other',
    );
    await first;
  } finally {
    await second.served.close();
  }
});

test('while it runs, ipmitool shows the password to nobody', async () => {
  bmc.chassis.latencyMs = 300;
  try {
    const done = ipmitoolReach(hasty).power.setPowerState(node, 'power on');
    const shown = new Set<string>();
    for (;;) {
      for (const argv of commandLines()) shown.add(argv);
      if (await Promise.race([done.then(() => true), new Promise((resolve) => setTimeout(resolve, 10))]))
        break;
    }
    await done;
    const ipmitools = [...shown].filter(
      (argv) => argv.includes('ipmitool') && argv.includes(String(bmc.served.port)),
    );
    expect(ipmitools.length).toBeGreaterThan(0);
    expect(ipmitools.filter((argv) => argv.includes(adminPassword))).toEqual([]);
  } finally {
    bmc.chassis.latencyMs = 0;
  }
});

/** The command lines of all processes, as `ps` shows them. */
function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      // It has ended.
      return [];
    }
  });
}

describe('the output of bootparam get 5', () => {
  test('of flags that are not valid names no device', () => {
    const output =
      ' Boot Flags :\n   - Boot Flag Invalid\n   - Options apply to only next boot\n   - Boot Device Selector : Force PXE\n';
    expect(parseBootParameter(output)).toEqual({ device: null, persistent: false });
  });

  test('of a real BMC that says nothing of validity is believed', () => {
    const output =
      '   - Options apply to all future boots\n   - Boot Device Selector : Force Boot from CD/DVD\n';
    expect(parseBootParameter(output)).toEqual({ device: 'cdrom', persistent: true });
  });
});
