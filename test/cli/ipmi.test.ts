import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bmcCommand } from '../../src/cli/bmc.ts';
import { ipmiCommand } from '../../src/cli/ipmi.ts';
import { waitFor } from '../../src/wait.ts';
import { adminPassword, serveTestBmc, type TestBmc } from '../bmc/serve.ts';

let folder: string;
let passwordFile: string;
let bmc: TestBmc;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ipmi-cli-'));
  passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${adminPassword}\n`);
  bmc = await serveTestBmc();
});
afterAll(async () => {
  await bmc.served.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => bmc.chassis.powerOff());

/** What a command prints on standard output. */
async function lab(...words: string[]): Promise<string> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output += String(chunk);
    return true;
  });
  const program = new Command('lab').exitOverride().enablePositionalOptions();
  program.addCommand(bmcCommand()).addCommand(ipmiCommand());
  try {
    await program.parseAsync(words, { from: 'user' });
    return output;
  } finally {
    write.mockRestore();
  }
}

function ipmi(...words: string[]): Promise<string> {
  const where = ['--address', '127.0.0.1', '--port', String(bmc.served.port)];
  return lab('ipmi', ...where, '--user', 'admin', '--password-file', passwordFile, ...words);
}

describe('lab ipmi', () => {
  test('tells and changes the power', async () => {
    expect(await ipmi('power')).toBe('power is off\n');
    expect(await ipmi('power', 'on')).toBe('power is on\n');
    expect(await ipmi('power', 'cycle')).toBe('power is on\n');
    expect(JSON.parse(await ipmi('--json', 'power', 'off'))).toEqual({
      schema: 'lab/ipmi-power/1',
      power: 'off',
    });
  });

  test('tells and changes the boot device', async () => {
    expect(await ipmi('bootdev', 'none')).toBe('boots as its own firmware says\n');
    expect(await ipmi('bootdev', 'pxe')).toBe('boots from pxe, the next boot only\n');
    expect(await ipmi('bootdev', 'disk', '--persistent', '--efi')).toBe(
      'boots from disk by UEFI, every boot\n',
    );
    expect(JSON.parse(await ipmi('--json', 'bootdev'))).toMatchObject({
      boot: { device: 'disk', efi: true, persistent: true },
    });
  });

  test('reads the log and clears it, the sensors, the FRU, and who the BMC is', async () => {
    await ipmi('power', 'on');
    expect(await ipmi('sel')).toContain('started by power up');
    expect(await ipmi('sel', 'clear')).not.toContain('started by power up');
    expect(await ipmi('sdr')).toMatch(/Inlet Temp +2\d °C/);
    expect(await ipmi('fru')).toMatch(/board product +Rack Server 1/);
    expect(await ipmi('info')).toMatch(/cipher suite of this session +17/);
  });

  test.each([
    { words: ['power', 'sideways'], why: '"sideways" is no power action' },
    { words: ['bootdev', 'tape'], why: '"tape" is no boot device' },
    { words: ['dance'], why: 'there is no verb "dance"' },
    { words: ['--suite', 'x', 'info'], why: '--suite wants a whole number' },
    { words: ['--suite', '9', 'info'], why: 'cipher suite 9 is not supported' },
    { words: ['--password-file', '/nowhere', 'info'], why: 'cannot read the secret in /nowhere' },
  ])('refuses $words', async ({ words, why }) => {
    await expect(ipmi(...words)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(why),
    });
  });

  test('says what is wrong with a log-in, and never the password', async () => {
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'hush-hush');
    const refusal = await ipmi('--password-file', wrong, 'power').catch(String);
    expect(refusal).toContain('the password or the BMC key is wrong');
    expect(refusal).not.toContain('hush');
  });
});

describe('lab bmc serve', () => {
  test('serves the BMCs of a file until it is interrupted, and keeps their state', async () => {
    const config = join(folder, 'bmcs.yaml');
    const state = join(folder, 'state.json');
    writeFileSync(
      config,
      `bmcs:
  - { name: one, address: 127.0.0.1, port: 0, user: admin, password_file: ${passwordFile}, state_file: ${state} }
  - { name: two, address: 127.0.0.1, port: 0, user: admin, password_file: ${passwordFile}, suites: [17] }
`,
    );
    const notes: string[] = [];
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      notes.push(String(chunk));
      return true;
    });
    try {
      const served = lab('bmc', 'serve', '--config', config, '--json');
      await waitFor(
        'both BMCs to listen',
        () => notes.join('').match(/two: listens on 127\.0\.0\.1:\d+/) ?? undefined,
        {
          timeoutMs: 5_000,
        },
      );
      process.emit('SIGTERM');
      const document = JSON.parse(await served) as { bmcs: { name: string; port: number }[] };
      expect(document.bmcs.map(({ name }) => name)).toEqual(['one', 'two']);
      expect(statSync(state).mode & 0o777).toBe(0o600);
    } finally {
      stderr.mockRestore();
    }
  });

  test.each([
    { words: ['--address', '127.0.0.1'], why: 'which machine is the BMC for?' },
    {
      words: ['--in-memory', '--domain', 'd', '--address', '127.0.0.1'],
      why: 'which machine is the BMC for?',
    },
    { words: ['--in-memory', '--address', '127.0.0.1'], why: 'user: ' },
    {
      words: ['--in-memory', '--address', 'nowhere', '--user', 'u', '--password-file', 'p'],
      why: 'address: ',
    },
    { words: ['--config', '/nowhere.yaml'], why: 'cannot read /nowhere.yaml' },
  ])('refuses $words', async ({ words, why }) => {
    await expect(lab('bmc', 'serve', ...words)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(why),
    });
  });
});
