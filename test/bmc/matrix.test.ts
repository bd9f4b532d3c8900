import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClientUnderTest } from './clients/client-under-test.ts';
import { freeipmi } from './clients/freeipmi.ts';
import { ipmitool } from './clients/ipmitool.ts';
import { own } from './clients/own.ts';
import { pyghmi } from './clients/pyghmi.ts';
import { serveTestBmc, type TestBmc, uuid } from './serve.ts';

/** For log-ins that must fail: ask a few times, not for long. */
const impatient = ['-N', '1', '-R', '1'];

const clients: readonly { client: ClientUnderTest; refused: ClientUnderTest }[] = [
  { client: ipmitool('ipmitool lan', ['-I', 'lan']), refused: ipmitool('', ['-I', 'lan', ...impatient]) },
  ...[[], ['-C', '3'], ['-C', '17']].map((suite) => ({
    client: ipmitool(`ipmitool lanplus ${suite.join(' ') || 'default suite'}`, ['-I', 'lanplus', ...suite]),
    refused: ipmitool('', ['-I', 'lanplus', ...suite, ...impatient]),
  })),
  {
    client: freeipmi('FreeIPMI 1.5', ['-D', 'LAN']),
    refused: freeipmi('', ['-D', 'LAN', '--session-timeout', '1500']),
  },
  ...['3', '17'].map((suite) => ({
    client: freeipmi(`FreeIPMI 2.0 suite ${suite}`, ['-D', 'LAN_2_0', '-I', suite]),
    refused: freeipmi('', ['-D', 'LAN_2_0', '-I', suite, '--session-timeout', '1500']),
  })),
  { client: pyghmi(), refused: pyghmi() },
  ...[undefined, 3, 17].map((suite) => ({
    client: own(`our client, suite ${suite ?? 'chosen'}`, suite),
    refused: own('', suite),
  })),
];

describe.each(clients)('$client.name', ({ client, refused }) => {
  let bmc: TestBmc;
  beforeAll(async () => {
    bmc = await serveTestBmc();
  });
  afterAll(async () => {
    client.close?.();
    refused.close?.();
    await bmc.served.close();
  });
  beforeEach(async () => {
    await bmc.chassis.powerOff();
    bmc.chassis.boots.length = 0;
    bmc.state.bootOptions = { values: {}, invalid: [] };
  });

  test('turns the power on and off, and sees it', async () => {
    expect(await client.powerStatus(bmc.admin)).toBe('off');
    await client.power(bmc.admin, 'on');
    expect(await bmc.chassis.powerState()).toBe('on');
    expect(await client.powerStatus(bmc.admin)).toBe('on');
    await client.power(bmc.admin, 'off');
    expect(await bmc.chassis.powerState()).toBe('off');
  });

  test.each(['cycle', 'reset'] as const)('power %s boots the machine again', async (action) => {
    await bmc.chassis.powerOn(undefined);
    await client.power(bmc.admin, action);
    expect(bmc.chassis.boots.length).toBe(2);
    expect(await client.powerStatus(bmc.admin)).toBe('on');
  });

  test('power soft asks the operating system', async () => {
    await bmc.chassis.powerOn(undefined);
    await client.power(bmc.admin, 'soft');
    expect(await bmc.chassis.powerState()).toBe('off');
  });

  test.each(['pxe', 'disk', 'cdrom', 'bios'] as const)('boots once from %s, and no more', async (device) => {
    bmc.chassis.bootDevice = { device: 'disk', efi: false };
    await client.setBoot(bmc.admin, device, false);
    expect(await client.readBoot(bmc.admin)).toEqual({ device, persistent: false });
    await client.power(bmc.admin, 'on');
    expect(bmc.chassis.boots.at(-1)?.from.device).toBe(device);
    // FreeIPMI shows the device even when it is no longer valid.
    if (!client.name.startsWith('FreeIPMI')) {
      expect((await client.readBoot(bmc.admin)).device).toBeUndefined();
    }
    await client.power(bmc.admin, 'reset');
    expect(bmc.chassis.boots.at(-1)?.from.device).toBe('disk');
  });

  test.each(['pxe', 'cdrom'] as const)('boots from %s for good', async (device) => {
    bmc.chassis.bootDevice = { device: 'disk', efi: false };
    await client.setBoot(bmc.admin, device, true);
    await client.power(bmc.admin, 'on');
    await client.power(bmc.admin, 'reset');
    expect(bmc.chassis.boots.map(({ from }) => from.device)).toEqual([device, device]);
    expect(await client.readBoot(bmc.admin)).toEqual({ device, persistent: true });
  });

  test('tells who the BMC is', async () => {
    const words = await client.info(bmc.admin);
    expect(words).toContain('1.0');
    // pyghmi reads the GUID in another byte order than the specification has it.
    if (client.name !== 'pyghmi') expect(words.toLowerCase()).toContain(uuid);
  });

  test('reads sensors that follow the power', async () => {
    await client.power(bmc.admin, 'on');
    const words = await client.sensors(bmc.admin);
    expect(words).toContain('Inlet Temp');
    expect(words).toMatch(/4800/);
    await client.power(bmc.admin, 'off');
    expect(await client.sensors(bmc.admin)).not.toMatch(/4800/);
  });

  test('reads the log, in which the power went on', async () => {
    await client.power(bmc.admin, 'on');
    expect(await client.log(bmc.admin)).toMatch(/power up/i);
  });

  test('reads the FRU', async () => {
    const words = await client.fru(bmc.admin);
    for (const value of ['Acme', 'Rack Server 1', 'SN-0042']) expect(words).toContain(value);
  });

  test.runIf(client.lan)('reads the LAN configuration', async () => {
    expect(await client.lan?.(bmc.admin)).toContain('127.0.0.1');
  });

  test.runIf(client.users)('lists the users', async () => {
    expect(await client.users?.(bmc.admin)).toMatch(/admin/);
  });

  test.runIf(client.console)('talks with the serial console both ways', async () => {
    await bmc.chassis.powerOn(undefined);
    const seen = await client.console?.(bmc.admin, 'hello there\r', 'echo: hello there');
    expect(seen).toContain('echo: hello there');
  });

  test.each([
    { what: 'a wrong password', user: 'admin', password: 'wrong' },
    { what: 'an unknown user', user: 'nobody', password: undefined },
  ])('is refused with $what', async ({ user, password }) => {
    await expect(refused.power(bmc.login(user, 'administrator', password), 'on')).rejects.toThrow();
    expect(await bmc.chassis.powerState()).toBe('off');
  });

  test('is refused when it asks for more privilege than the user has', async () => {
    await expect(refused.power(bmc.login('viewer', 'administrator'), 'on')).rejects.toThrow();
    expect(await bmc.chassis.powerState()).toBe('off');
  });

  test('may look but not touch with the privilege of a user', async () => {
    const viewer = bmc.login('viewer', 'user');
    expect(await client.powerStatus(viewer)).toBe('off');
    await expect(refused.power(viewer, 'on')).rejects.toThrow();
    expect(await bmc.chassis.powerState()).toBe('off');
  });
});

describe.each([
  ipmitool('ipmitool', ['-I', 'lanplus', '-C', '3', ...impatient]),
  freeipmi('FreeIPMI', ['-D', 'LAN_2_0', '-I', '3', '--session-timeout', '1500']),
  own('our client', 3),
])('$name asks for a suite that is not offered', (client) => {
  test('and is refused', async () => {
    const bmc = await serveTestBmc({ suites: [17] });
    try {
      await expect(client.power(bmc.admin, 'on')).rejects.toThrow();
      expect(await bmc.chassis.powerState()).toBe('off');
    } finally {
      await bmc.served.close();
    }
  });
});
