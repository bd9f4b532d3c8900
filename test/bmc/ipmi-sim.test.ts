import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectIpmi } from '../../src/bmc/client.ts';
import { waitFor } from '../../src/wait.ts';
import type { Login } from './clients/client-under-test.ts';
import { freeipmi } from './clients/freeipmi.ts';
import { ipmitool } from './clients/ipmitool.ts';
import { own } from './clients/own.ts';
import { type IpmiSim, startIpmiSim } from './ipmi-sim.ts';

/*
 * The clients against another BMC than ours: what our client does there, the others do too. OpenIPMI's simulator has
 * no cipher suite 17, tells no suites, and has no FRU.
 */

let sim: IpmiSim;
let admin: Login;
beforeAll(async () => {
  sim = startIpmiSim(20_000 + Math.floor(Math.random() * 12_000));
  admin = {
    address: '127.0.0.1',
    port: sim.port,
    user: 'admin',
    password: sim.password,
    privilege: 'administrator',
  };
  await waitFor(
    'ipmi_sim to answer',
    async () => {
      const patience = { firstWaitMs: 200, tries: 1 };
      const client = await connectIpmi({ ...admin, privilege: 4, suite: 3, patience }).catch(() => undefined);
      await client?.close();
      return client && true;
    },
    { timeoutMs: 10_000 },
  );
});
afterAll(() => sim.close());

const clients = [
  own('our client, suite chosen'),
  own('our client, suite 3', 3),
  ipmitool('ipmitool', ['-I', 'lanplus', '-C', '3']),
  ipmitool('ipmitool lan', ['-I', 'lan']),
  // ipmi_sim's open session response does not tell the privilege as FreeIPMI wants it.
  freeipmi('FreeIPMI', ['-D', 'LAN_2_0', '-I', '3', '-W', 'opensesspriv']),
];

describe.each(clients)('$name against ipmi_sim', (client) => {
  test('turns the power on and off, and sees it', async () => {
    await client.power(admin, 'on');
    expect(await client.powerStatus(admin)).toBe('on');
    await client.power(admin, 'off');
    expect(await client.powerStatus(admin)).toBe('off');
  });

  test('tells who the BMC is, and finds its log empty', async () => {
    expect(await client.info(admin)).toMatch(/9\.0?8/);
    // FreeIPMI reads no log where there are no sensor records.
    if (client.name !== 'FreeIPMI') expect(await client.log(admin)).not.toMatch(/Asserted|power up/);
  });

  test('is refused with a wrong password', async () => {
    const impatient = client.name.startsWith('ipmitool')
      ? ipmitool(
          '',
          client.name === 'ipmitool lan'
            ? ['-I', 'lan', '-N', '1', '-R', '1']
            : ['-I', 'lanplus', '-C', '3', '-N', '1', '-R', '1'],
        )
      : client;
    await expect(impatient.power({ ...admin, password: 'wrong' }, 'on')).rejects.toThrow();
    expect(await client.powerStatus(admin)).toBe('off');
  });
});

test('our client asks for suite 17 and is told that there is none', async () => {
  await expect(own('', 17).powerStatus(admin)).rejects.toThrow('does not offer');
});
