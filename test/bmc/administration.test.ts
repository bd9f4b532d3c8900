import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import type { Login } from './clients/client-under-test.ts';
import { ipmitoolArguments } from './clients/ipmitool.ts';
import { serveTestBmc, type TestBmc } from './serve.ts';

let bmc: TestBmc;
beforeAll(async () => {
  bmc = await serveTestBmc();
});
afterAll(() => bmc.served.close());

async function ipmitool(words: string, login: Login = bmc.admin): Promise<string> {
  const argv = [...ipmitoolArguments(login, ['-I', 'lanplus', '-N', '1', '-R', '1']), ...words.split(' ')];
  return (await run(argv)).stdout;
}

/** What ipmitool says of a command that fails. */
async function complaint(words: string, login: Login = bmc.admin): Promise<string> {
  const argv = [...ipmitoolArguments(login, ['-I', 'lanplus', '-N', '1', '-R', '1']), ...words.split(' ')];
  const { stdout, stderr } = await run(argv, { accept: [1] });
  return stdout + stderr;
}

describe('users', () => {
  test('are made, given a password and a privilege, enabled, and log in', async () => {
    await ipmitool('user set name 5 alice');
    await ipmitool('user set password 5 wonderland');
    await ipmitool('channel setaccess 1 5 callin=off ipmi=on link=on privilege=3');
    await ipmitool('user enable 5');
    expect(await ipmitool('user list 1')).toMatch(/^5 +alice +\w+ +true +true +OPERATOR/m);
    const alice = bmc.login('alice', 'operator', 'wonderland');
    expect(await ipmitool('power status', alice)).toContain('Chassis Power is off');
    await ipmitool('user disable 5');
    await expect(ipmitool('power status', alice)).rejects.toThrow();
  });

  test('have passwords of up to 20 bytes, whose size a test can tell', async () => {
    await ipmitool('user set name 6 bob');
    await ipmitool('user set password 6 seventeen-letters 20');
    await ipmitool('channel setaccess 1 6 ipmi=on privilege=4');
    await ipmitool('user enable 6');
    expect(await ipmitool('user test 6 20 seventeen-letters')).toContain('Success');
    expect(await complaint('user test 6 20 other')).toContain('password incorrect');
    expect(await complaint('user test 6 16 seventeen')).toContain('wrong password size');
    const bob = bmc.login('bob', 'administrator', 'seventeen-letters');
    expect(await ipmitool('power status', bob)).toContain('Chassis Power is off');
  });

  test('are counted', async () => {
    expect(await ipmitool('user summary 1')).toMatch(/Maximum IDs\s+: 16\nEnabled User Count\s+: [45]\n/);
  });

  test('of lower privilege change nothing', async () => {
    const operator = bmc.login('operator', 'operator');
    expect(await complaint('user set password 2 stolen', operator)).toContain('Insufficient privilege level');
    expect(await ipmitool('power status')).toContain('Chassis Power is off');
  });

  test('lose their sessions when they are disabled, and may be kept from the serial console', async () => {
    expect(await ipmitool('sol payload status 1 2')).toContain('enabled');
    await ipmitool('sol payload disable 1 4');
    expect(await ipmitool('sol payload status 1 4')).toContain('disabled');
  });
});

describe('the event log', () => {
  test('takes events, tells them, gives them up', async () => {
    await ipmitool('sel clear');
    expect(await ipmitool('sel info')).toMatch(/Entries +: 0\n/);
    await ipmitool('event 1');
    const list = await ipmitool('sel elist');
    expect(list).toMatch(/Temperature.*Upper Critical going high/);
    const id = /^\s*(\w+) \|/.exec(list)?.[1];
    await ipmitool(`sel get 0x${id}`);
    await ipmitool(`sel delete 0x${id}`);
    expect(await ipmitool('sel info')).toMatch(/Entries +: 0\n/);
    expect(await complaint('sel delete 0x7777')).toContain('Requested sensor, data, or record not found');
  });

  test('has a clock that can be set', async () => {
    await run([
      ...ipmitoolArguments(bmc.admin, ['-I', 'lanplus']),
      'sel',
      'time',
      'set',
      '01/02/30 03:04:05 +0000',
    ]);
    expect(await ipmitool('sel time get')).toMatch(/^01\/02\/(20)?30 03:04:0\d/);
    expect(await ipmitool('sel time set now').then(() => ipmitool('sel time get'))).not.toMatch(/^01\/02/);
  });
});

describe('settings', () => {
  test('of the LAN are written and read', async () => {
    await ipmitool('lan set 1 ipaddr 192.0.2.77');
    await ipmitool('lan set 1 netmask 255.255.255.192');
    await ipmitool('lan set 1 defgw ipaddr 192.0.2.65');
    await ipmitool('lan set 1 macaddr 02:11:22:33:44:55');
    await ipmitool('lan set 1 vlan id 12');
    const text = await ipmitool('lan print 1');
    for (const value of ['192.0.2.77', '255.255.255.192', '192.0.2.65', '02:11:22:33:44:55']) {
      expect(text).toContain(value);
    }
    expect(text).toMatch(/802.1q VLAN ID +: 12/);
    expect(text).toMatch(/RMCP\+ Cipher Suites +: 2,3,8,12,16,17/);
  });

  test('of the serial console are written and read', async () => {
    await ipmitool('sol set retry-count 5 1');
    await ipmitool('sol set privilege-level admin 1');
    const text = await ipmitool('sol info 1');
    expect(text).toMatch(/Retry Count +: 5/);
    expect(text).toMatch(/Privilege Level +: ADMINISTRATOR/);
    await ipmitool('sol set privilege-level operator 1');
  });

  test('of the power restore policy show in the chassis status', async () => {
    await ipmitool('chassis policy previous');
    expect(await ipmitool('chassis status')).toMatch(/Power Restore Policy +: previous/);
    expect(await ipmitool('chassis policy list')).toContain('always-off always-on previous');
  });

  test('of the channel are told', async () => {
    expect(await ipmitool('channel info 1')).toMatch(/Channel Medium Type +: 802.3 LAN/);
    expect(await ipmitool('channel getciphers ipmi 1')).toMatch(/17 +N\/A +hmac_sha256/);
    expect(await ipmitool('channel authcap 1 4')).toMatch(/IPMI v2.0 +: yes/);
  });
});

describe('the BMC', () => {
  test('identifies its chassis for a while', async () => {
    expect(await ipmitool('chassis identify 5')).toContain('5 seconds');
    expect(await ipmitool('raw 0x00 0x01')).toMatch(/^ \w\w \w\w 5\w/);
    await ipmitool('chassis identify force');
    expect(await ipmitool('raw 0x00 0x01')).toMatch(/^ \w\w \w\w 6\w/);
    await ipmitool('chassis identify 0');
    expect(await ipmitool('raw 0x00 0x01')).toMatch(/^ \w\w \w\w 4\w/);
  });

  test('passes its self test and tells of restarts, hours, sessions, enables and ACPI states', async () => {
    expect(await ipmitool('mc selftest')).toContain('passed');
    expect(await ipmitool('chassis restart_cause')).toContain('System restart cause');
    expect(await ipmitool('chassis poh')).toContain('POH Counter');
    expect(await ipmitool('session info all')).toMatch(/user id +: 2/);
    expect(await ipmitool('mc getenables')).toContain('System Event Logging');
    expect(await ipmitool('raw 0x06 0x07')).toBe(' 2a 2a\n');
    await ipmitool('raw 0x06 0x06 0x80 0x81');
    expect(await ipmitool('raw 0x06 0x07')).toBe(' 00 01\n');
  });

  test('keeps what is written into its FRU', async () => {
    await ipmitool('fru edit 0 field b 1 Server-Two!!!');
    expect(await ipmitool('fru print 0')).toContain('Server-Two!!!');
  });

  test('knows its machine by name when it was told', async () => {
    await ipmitool('mc setsysinfo system_name rack-7');
    expect(await ipmitool('mc getsysinfo system_name')).toContain('rack-7');
  });

  test('does not know what it does not know', async () => {
    expect(await complaint('raw 0x06 0x77')).toContain('rsp=0xc1): Invalid command');
    expect(await complaint('raw 0x2c 0x01 0xdc')).toContain('rsp=0xc1');
    expect(await complaint('raw 0x00 0x02')).toContain('rsp=0xc7');
    expect(await complaint('raw 0x00 0x02 0x09')).toContain('rsp=0xcc');
    expect(await complaint('-l 1 raw 0x06 0x01')).toContain('rsp=0xc2');
  });

  test('restarts, and is there again', async () => {
    expect(await ipmitool('mc reset cold')).toContain('cold reset');
    expect(await ipmitool('power status')).toContain('Chassis Power is');
  });
});

test('FreeIPMI writes back the configuration that it has read', async () => {
  const common = ['-h', `127.0.0.1:${bmc.served.port}`, '-u', 'admin', '-p', bmc.admin.password];
  const argv = ['ipmi-config', ...common, '-D', 'LAN_2_0', '-I', '17', '-l', 'ADMIN', '--category=core'];
  const { stdout } = await run([...argv, '--checkout'], { accept: [0, 1] });
  expect(stdout).toContain('Section User5');
  await run([...argv, '--commit', '-e', 'Lan_Conf:Default_Gateway_IP_Address=192.0.2.66']);
  expect(await ipmitool('lan print 1')).toContain('192.0.2.66');
});
