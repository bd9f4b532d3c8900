import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startIpmiSim } from '../bmc/ipmi-sim.ts';
import { openTerminal } from '../bmc/terminal.ts';
import { LabCommand } from '../lab-command.ts';

/*
 * The nodes of a lab, without images: their consoles on a terminal, and nodes whose BMC is not the lab's.
 */

const lab = new LabCommand();
/** A busy machine takes this long to start firmware that it emulates. */
const patienceMs = 60_000;

beforeAll(async () => {
  expect(await lab.run(['up', 'flat', '-q'])).toMatchObject({ exitCode: 0 });
});
afterAll(() => lab.end());

async function ok(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.run(args);
  expect({ args, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return stdout;
}

function consoleOf(words: readonly string[]) {
  const argv = [process.execPath, join(process.cwd(), 'dist', 'lab.js'), ...words];
  const terminal = openTerminal(argv, { LAB_HOME: lab.home, NO_COLOR: '1', TERM: 'vt100' }, patienceMs);
  onTestFinished(() => terminal.kill());
  return terminal;
}

describe('lab console', () => {
  test.each([
    ['libvirt', 'devstack', 'baremetalbrbm_0', ['console'], 'Escape character is ^]', '\x1d'],
    ['ipmitool', 'rack', 'server-1', ['node', 'console'], 'SOL Session operational', '\r~.'],
  ] as const)(
    'shows what the firmware says, takes what is typed, and is left by its escape, through %s',
    async (_way, host, name, words, greeting, leaving) => {
      await ok('node', 'set-power-state', name, 'on');
      const terminal = consoleOf([...words, name]);
      await terminal.see(greeting);
      // The firmware begins anew, and whoever holds Ctrl-B down meanwhile is given iPXE's own command line.
      const held = setInterval(() => terminal.send('\x02'), 100);
      onTestFinished(() => clearInterval(held));
      await ok('exec', host, '--', 'virsh', 'reset', name);
      await terminal.see('SeaBIOS');
      await terminal.see('iPXE>');
      clearInterval(held);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE fills it in.
      terminal.send('echo it is ${net0/mac}\r');
      await terminal.see(`it is ${name === 'server-1' ? '52:54:00:00:03:01' : '52:54:00:00:01:00'}`);
      terminal.send(leaving);
      await terminal.ended();
    },
    2 * patienceMs,
  );

  test('what it said is recorded with the times, in order', async () => {
    const { lines } = await lab.json<{ lines: { at: string | null; text: string }[] }>([
      'console',
      'baremetalbrbm_0',
    ]);
    expect(lines.filter(({ text }) => text.includes('SeaBIOS')).length).toBeGreaterThan(0);
    const times = lines.map(({ at }) => at ?? '');
    expect(times.every((at) => at.startsWith('20'))).toBe(true);
    expect(times).toEqual([...times].sort());
    expect(await ok('console', 'server-1', '--recorded')).toMatch(/^20\d\d-\S+Z {2}.*SeaBIOS/m);
  });
});

test('a node tells what the screens of its firmware and BMC tell', async () => {
  const shown = await ok('node', 'show', 'server-2');
  for (const line of [
    /^driver_info\.ipmi_address +192\.168\.24\.12$/m,
    /^driver_info\.ipmi_username +admin$/m,
    /^properties\.cpus +1$/m,
    /^properties\.memory_mb +512$/m,
    /^properties\.local_gb +1$/m,
    /^properties\.firmware +bios$/m,
    /^mac +52:54:00:00:03:02$/m,
    /^power_state +(None|power off)$/m,
    /^provision_state +None$/m,
  ]) {
    expect(shown).toMatch(line);
  }
});

describe('what nodes boot from by HTTP', () => {
  const inDevstack = (script: string) => lab.run(['exec', 'devstack', '--', 'sh', '-c', script]);
  const fetchFile = () => inDevstack('busybox wget -q -O - http://10.0.0.1:8080/probe');

  test('is served with the conductor dead', async () => {
    await ok('node', 'list');
    await inDevstack('echo served > /run/tftpboot/probe');
    expect((await inDevstack('kill -9 $(cat /run/conductor.pid)')).exitCode).toBe(0);
    expect((await fetchFile()).stdout).toBe('served\n');
    const { exitCode, stdout } = await lab.run(['status']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('node conductor in devstack does not run');
    expect(stdout).not.toContain('file-server in devstack does not run');
  });

  test('is named when it was killed, and started again by the next command', async () => {
    await ok('node', 'list');
    expect((await inDevstack('kill -9 $(cat /run/file-server.pid)')).exitCode).toBe(0);
    expect((await fetchFile()).exitCode).not.toBe(0);
    const { exitCode, stdout } = await lab.run(['status']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('node file-server in devstack does not run');
    await ok('node', 'list');
    expect((await fetchFile()).stdout).toBe('served\n');
    await ok('status');
  });
});

describe('a node whose BMC is not of the lab', () => {
  test('goes the same way: power, boot device, a deployment that says what was not seen', async () => {
    const { hosts } = await lab.json<{ hosts: { name: string; pid: number }[] }>(['status']);
    const devstack = hosts.find(({ name }) => name === 'devstack')?.pid;
    const sim = startIpmiSim(20_000 + Math.floor(Math.random() * 12_000), [
      'nsenter',
      `--net=/proc/${devstack}/ns/net`,
    ]);
    onTestFinished(() => sim.close());
    const file = join(lab.home, 'real.json');
    const real = {
      name: 'real-1',
      mac: '52:54:00:99:00:01',
      network: 'provider',
      driver: 'agent_ipmitool',
      driver_info: {
        ipmi_address: '127.0.0.1',
        ipmi_port: sim.port,
        ipmi_username: 'admin',
        ipmi_password: sim.password,
        // OpenIPMI's simulator does not tell which it has.
        ipmi_cipher_suite: 3,
      },
    };
    writeFileSync(file, JSON.stringify(real));
    const enrolled = await ok('node', 'enroll', file);
    expect(enrolled).toMatch(/^driver_info\.ipmi_password_file +\S+$/m);
    expect(enrolled).not.toContain(sim.password);
    await ok('node', 'set-power-state', 'real-1', 'on');
    expect(sim.told('power')).toBe('1');
    await ok('node', 'set-boot-device', 'real-1', 'pxe', '--persistent');
    expect(sim.told('boot')).toBe('pxe');
    const refused = await lab.run(['node', 'set-provision-state', 'real-1', 'active']);
    expect(refused.stderr).toContain('has no image to deploy');
    await ok('node', 'delete', 'real-1');
    expect(await ok('node', 'list')).not.toContain('real-1');
  });

  test('is refused on a network that the lab has not', async () => {
    const { exitCode, stderr } = await lab.run(['boot', 'server-2', '--network', 'green']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('lab flat has no network "green"');
    expect(stderr).toContain('one of provider');
  });

  test('a machine that was forgotten is not enrolled again', async () => {
    await ok('node', 'delete', 'server-2');
    expect(await ok('node', 'list')).not.toContain('server-2');
  });
});
