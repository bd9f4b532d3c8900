import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

test('help fits a screen of 80 columns, with examples', async () => {
  const { stdout, exitCode } = await lab.run(['--help']);
  const lines = stdout.trimEnd().split('\n');
  expect(exitCode).toBe(0);
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).toContain('lab up flat');
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect((await lab.run(['--version'])).stdout).toBe(`${version}\n`);
});

test.each([
  ['a command', ['stauts'], "lab: unknown command 'stauts'; did you mean status?\n"],
  ['an option', ['list', '--jsn'], "lab: unknown option '--jsn'; did you mean --json?\n"],
  ['an argument', ['up'], "lab: missing required argument 'topology'\n"],
])('%s that is wrong gets one line and exit code 2', async (_what, args, line) => {
  const { exitCode, stdout, stderr } = await lab.run(args);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: line });
});

test('without a command it shows what there is, and fails', async () => {
  const { exitCode, stdout, stderr } = await lab.run([]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('Commands:');
});

test('no lab is no error for a list, and one for a status', async () => {
  expect(await lab.json(['list'])).toEqual({ schema: 'lab/list/1', labs: [] });
  const status = await lab.run(['status']);
  expect(status.exitCode).toBe(2);
  expect(status.stderr).toContain('lab up flat');
});

test("topologies are listed with their titles; the user's own come first, and a broken one is told", async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'lab-topologies-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, 'topologies'));
  const flat = readFileSync('topologies/flat.yaml', 'utf8');
  writeFileSync(join(cwd, 'topologies', 'flat.yaml'), flat.replace(/^title: .*$/m, 'title: My own'));
  writeFileSync(join(cwd, 'topologies', 'broken.yaml'), 'networks: none\n');
  const { topologies } = await lab.json<{ topologies: { name: string; title?: string; problem?: string }[] }>(
    ['topologies'],
    { cwd },
  );
  const named = (name: string) => topologies.filter((topology) => topology.name === name);
  expect(named('broken')).toEqual([
    expect.objectContaining({ problem: expect.stringContaining('broken.yaml') }),
  ]);
  expect(named('flat')).toEqual([expect.objectContaining({ title: 'My own' })]);
  expect(named('vlan')[0]?.title).toContain('VLAN');
});
