import { describe, expect, test } from 'vitest';
import { readLog } from '../../src/bmc/client-inventory.ts';
import { readBoot, readPower, setPower } from '../../src/bmc/client-power.ts';
import { restorePolicy } from '../../src/bmc/power-control.ts';
import { VirtualBmc } from './virtual-bmc.ts';

const chassis = 0x00;
const control = 0x02;
const setBootOptions = 0x08;
const pxeOnce = [0x05, 0x80, 0x04, 0, 0, 0];
const pxeForGood = [0x05, 0xc0, 0x04, 0, 0, 0];
/** As Ironic asks before each boot device: do not let the flags lapse. */
const keepFlags = [0x03, 0x08];

describe('power', () => {
  test('that does not come is not acknowledged', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    virtual.chassis.fault = 'stuck';
    const { completion } = await client.exchange(chassis, control, [1]);
    expect(completion).toBe(0xff);
    expect(await readPower(client)).toBe('off');
    expect(virtual.log.join('\n')).toContain('stays off');
  });

  test('that a lying BMC only acknowledges stays off until its fault is mended', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    virtual.ignoresPowerOn = true;
    expect((await client.exchange(chassis, control, [1])).completion).toBe(0);
    expect(await readPower(client)).toBe('off');
    virtual.ignoresPowerOn = false;
    await setPower(client, 'on', 1_000);
    expect(await readPower(client)).toBe('on');
  });

  test.each([2, 3, 4, 5])('control %i is refused while the machine is off', async (action) => {
    const client = await new VirtualBmc().logIn();
    expect((await client.exchange(chassis, control, [action])).completion).toBe(0xd5);
  });

  test('on twice boots once', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await setPower(client, 'on', 1_000);
    await setPower(client, 'on', 1_000);
    expect(virtual.chassis.boots).toHaveLength(1);
  });

  test('cycle is carried out once when its answer is lost', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await setPower(client, 'on', 1_000);
    let lost = 0;
    const before = virtual.sent.length;
    virtual.loses = (datagram) => {
      const isAnswer = virtual.sent.length > before && virtual.sent.at(-1)?.datagram === datagram;
      if (!isAnswer || lost > 0) return false;
      lost += 1;
      return true;
    };
    await client.request(chassis, control, [2]);
    expect(lost).toBe(1);
    expect(virtual.chassis.boots).toHaveLength(2);
  });

  test('is diagnosed by an interrupt', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await setPower(client, 'on', 1_000);
    await setPower(client, 'diag', 1_000);
    expect(virtual.chassis.diagnosticInterrupts).toBe(1);
  });

  test('hours are counted while it is on', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    const minutes = async () => (await client.request(chassis, 0x0f)).readUInt32LE(1);
    await setPower(client, 'on', 1_000);
    for (let minute = 0; minute < 10; minute += 1) {
      await virtual.clock.advance(50_000);
      await readPower(client);
    }
    expect(await minutes()).toBe(8);
    await setPower(client, 'off', 1_000);
    await virtual.clock.advance(50_000);
    await readPower(client);
    await virtual.clock.advance(50_000);
    expect(await minutes()).toBe(8);
  });

  test('from outside is logged, and is no restart of the BMC’s', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await virtual.chassis.powerOn(undefined);
    expect((await readLog(client)).map(({ event }) => event)).toEqual(['on']);
    expect((await client.request(chassis, 0x07)).readUInt8(0)).toBe(0);
    await client.request(chassis, control, [3]);
    expect((await client.request(chassis, 0x07)).readUInt8(0)).toBe(1);
  });
});

describe('boot flags', () => {
  test('for one boot lapse when no chassis control follows within a minute', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await client.request(chassis, setBootOptions, pxeOnce);
    await virtual.clock.advance(55_000);
    expect(await readBoot(client)).toMatchObject({ valid: true });
    await virtual.clock.advance(6_000);
    expect(await readBoot(client)).toMatchObject({ valid: false });
  });

  test('stay when asked to, as Ironic does', async () => {
    const virtual = new VirtualBmc();
    let client = await virtual.logIn();
    await client.request(chassis, setBootOptions, keepFlags);
    await client.request(chassis, setBootOptions, pxeOnce);
    await virtual.clock.advance(3_600_000);
    client = await virtual.logIn();
    expect(await readBoot(client)).toMatchObject({ valid: true, target: { device: 'pxe' } });
  });

  test('for good do not lapse, and are the machine’s own at once', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await client.request(chassis, setBootOptions, pxeForGood);
    expect(virtual.chassis.bootDevice.device).toBe('pxe');
    await virtual.clock.advance(59_000);
    await readPower(client);
    await virtual.clock.advance(59_000);
    expect(await readBoot(client)).toMatchObject({ valid: true, persistent: true });
  });

  test('stay when the boot that they are for does not come about', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await client.request(chassis, setBootOptions, pxeOnce);
    virtual.chassis.fault = 'stuck';
    await client.exchange(chassis, control, [1]);
    expect(await readBoot(client)).toMatchObject({ valid: true });
    virtual.chassis.fault = 'none';
    await client.request(chassis, control, [1]);
    expect(virtual.chassis.boots.at(-1)?.from.device).toBe('pxe');
    expect(await readBoot(client)).toMatchObject({ valid: false });
  });

  test('are read back byte by byte as they were written', async () => {
    const client = await new VirtualBmc().logIn();
    await client.request(chassis, setBootOptions, [0x05, 0xe0, 0x08, 0x12, 0x34, 0x56]);
    const answer = await client.request(chassis, 0x09, [0x05, 0, 0]);
    expect(answer.toString('hex')).toBe('0105e008123456');
  });

  test('in today’s Ironic’s raw requests ask for UEFI', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await client.request(chassis, setBootOptions, keepFlags);
    await client.request(chassis, setBootOptions, [0x05, 0xa0, 0x04, 0, 0, 0]);
    await client.request(chassis, control, [1]);
    expect(virtual.chassis.boots.at(-1)?.from).toEqual({ device: 'pxe', efi: true });
    await client.request(chassis, setBootOptions, [0x05, 0xe0, 0x08, 0, 0, 0]);
    expect(virtual.chassis.bootDevice).toEqual({ device: 'disk', efi: true });
  });
});

describe('when the mains power comes back', () => {
  test.each([
    { policy: restorePolicy.alwaysOff, wasOn: true, becomes: 'off', cause: 0 },
    { policy: restorePolicy.alwaysOn, wasOn: false, becomes: 'on', cause: 6 },
    { policy: restorePolicy.previous, wasOn: true, becomes: 'on', cause: 7 },
    { policy: restorePolicy.previous, wasOn: false, becomes: 'off', cause: 0 },
  ])('policy $policy after on=$wasOn: $becomes', async ({ policy, wasOn, becomes, cause }) => {
    const virtual = new VirtualBmc();
    virtual.state.power.restorePolicy = policy;
    virtual.state.power.wasOn = wasOn;
    await virtual.bmc.restorePower();
    expect(await virtual.chassis.powerState()).toBe(becomes);
    expect(virtual.state.power.restartCause).toBe(cause);
  });
});

describe('the watchdog', () => {
  const app = 0x06;
  const use = 0x04;

  test.each([
    { action: 1, boots: 2, power: 'on', words: 'hard reset' },
    { action: 2, boots: 1, power: 'off', words: 'power down' },
    { action: 3, boots: 2, power: 'on', words: 'power cycle' },
    { action: 0, boots: 1, power: 'on', words: 'expired' },
  ])(
    'does action $action when it is not reset in time, and logs it',
    async ({ action, boots, power, words }) => {
      const virtual = new VirtualBmc();
      const client = await virtual.logIn();
      await setPower(client, 'on', 1_000);
      await client.request(app, 0x24, [use, action, 0, 0, 100, 0]);
      await client.request(app, 0x22);
      await virtual.clock.advance(9_000);
      await client.request(app, 0x22);
      await virtual.clock.advance(9_900);
      expect(virtual.chassis.boots).toHaveLength(1);
      expect((await client.request(app, 0x25)).readUInt16LE(6)).toBe(1);
      await virtual.clock.advance(200);
      expect(virtual.chassis.boots).toHaveLength(boots);
      expect(await readPower(client)).toBe(power);
      expect((await readLog(client)).map(({ sensor, event }) => `${sensor} ${event}`)).toContain(
        `Watchdog #4 ${words}`,
      );
      expect((await client.request(app, 0x25)).readUInt8(3)).toBe(1 << use);
    },
  );

  test('must be set before it can be reset', async () => {
    const client = await new VirtualBmc().logIn();
    expect((await client.exchange(app, 0x22)).completion).toBe(0x80);
  });
});
