import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finished } from '../../src/linux/process.ts';
import type { SuiteResult, SuiteRun } from '../../src/suite/result.ts';
import { LabCommand } from '../lab-command.ts';
import { makeOwnFolder, type OwnScenario } from './own-scenarios.ts';

const lab = new LabCommand();
const cwd = join(lab.home, 'own');

beforeAll(() => makeOwnFolder(cwd));
afterAll(() => lab.end());

function suite(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const ci = { CI: 'true', GITHUB_ACTIONS: '', ...env };
  return lab.run(['suite', ...args], { cwd, env: ci, timeoutMs: 120_000 });
}

function resultIn(file: string): SuiteResult {
  return JSON.parse(readFileSync(join(cwd, file), 'utf8')) as SuiteResult;
}

describe('a suite of runs that end in every way', () => {
  const everyWay = ['claims-nothing', 'dies', 'fails', 'hangs', 'holds', 'lacks', 'skips', 'throws'];
  let ended: Finished;
  let result: SuiteResult;
  beforeAll(async () => {
    const files = ['--junit', 'out/deep/junit.xml', '--json', 'out/result.json'];
    ended = await suite([...everyWay, '--deadline', '10', ...files], { GITHUB_ACTIONS: 'true' });
    result = resultIn('out/result.json');
  }, 120_000);

  const runOf = (scenario: OwnScenario): SuiteRun => {
    const found = result.runs.find((run) => run.scenario === scenario);
    if (!found) throw new Error(`there is no run of ${scenario}`);
    return found;
  };

  test('each run has its own verdict and kind of reason, whatever became of the others', () => {
    const ends = result.runs.map(({ scenario, verdict, reasonKind }) => [scenario, verdict, reasonKind]);
    expect(ends).toEqual([
      ['claims-nothing', 'fail', undefined],
      ['dies', 'error', 'crashed'],
      ['fails', 'fail', undefined],
      ['hangs', 'error', 'deadline'],
      ['holds', 'pass', undefined],
      ['lacks', 'error', 'machine-lacks'],
      ['skips', 'skip', 'skipped'],
      ['throws', 'error', 'scenario-threw'],
    ]);
    expect(result.counts).toEqual({ pass: 1, fail: 2, error: 4, skip: 1, flaky: 0 });
    expect(result).toMatchObject({ verdict: 'error', interrupted: false, shard: null, seed: null });
    expect(ended.exitCode).toBe(3);
  });

  test('reasons say what happened, and where in the file', () => {
    const died = /^its process ended with SIGKILL before it had a result; it said last: /;
    expect(runOf('dies').reason).toMatch(died);
    expect(runOf('hangs').reason).toMatch(/^it did not end within 10 s; it said last: /);
    const place = expect.stringContaining('scenarios/throws.ts:10:11');
    expect(runOf('throws')).toMatchObject({ reason: place, line: 10 });
  });

  test('the report for people shows the hop table of what failed, and no control characters', () => {
    expect(ended.stdout).toMatch(/✗ it never comes to "dnsmasq" & <co>\n.*seen at devstack\/tap/);
    expect(ended.stdout).toMatch(/devstack\/br-int +VLAN 2 /);
    expect(ended.stdout).toContain('a slip\\x1b[31m');
    expect(ended.stdout).toContain('ERROR 8 runs: 1 passed, 2 failed, 4 errors, 1 skipped, in ');
  });

  test('in CI a plain line for each run, and annotations at the lines of the files', () => {
    expect(ended.stderr.match(/^\d\/8 /gm)).toHaveLength(8);
    const annotation =
      /^::error file=scenarios\/fails\.ts,line=(\d+),title=fails on small::does not hold: it never comes to/m;
    const [, line = 0] = annotation.exec(ended.stderr) ?? [];
    const text = readFileSync(join(cwd, 'scenarios', 'fails.ts'), 'utf8').split('\n')[Number(line) - 1];
    expect(text).toContain("run.claim('it never comes to");
  });

  test('its reports are there, and the captures that they name; no lab is left', async () => {
    expect(readFileSync(join(cwd, 'out/deep/junit.xml'), 'utf8')).toContain('name="hangs"');
    const captures = Object.values(runOf('fails').captures);
    expect(captures.length).toBeGreaterThan(0);
    for (const file of captures) expect(existsSync(file)).toBe(true);
    expect(await lab.json(['list'])).toMatchObject({ labs: [] });
  });
});

test('a run that passes only when it is tried again is called flaky, with what failed before', async () => {
  const { exitCode, stdout, stderr } = await suite(['flaky', '--retries', '2', '--json', 'flaky.json']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^AGAIN flaky on small.*\n1\/1 PASS FLAKY flaky on small/);
  expect(stdout).toContain('flaky on small: attempt 1 failed: it was tried before');
  const { runs, counts } = resultIn('flaky.json');
  expect(counts).toMatchObject({ pass: 1, fail: 0, flaky: 1 });
  expect(runs[0]?.earlier).toMatchObject([{ verdict: 'fail', failedClaims: ['it was tried before'] }]);
});

test('what fails is tried again, what the machine lacks is not, and decides the exit code', async () => {
  const { exitCode, stdout } = await suite(['fails', 'lacks', 'skips', '--retries', '1', '--json']);
  const { runs } = JSON.parse(stdout) as SuiteResult;
  expect(runs.map(({ scenario, earlier }) => [scenario, earlier.length])).toEqual([
    ['fails', 1],
    ['lacks', 0],
    ['skips', 0],
  ]);
  expect(exitCode).toBe(4);
});

test('in any order the verdicts are the same', async () => {
  const args = ['holds', 'fails', 'skips', '--json'];
  const first = await suite([...args, '--seed', '1']);
  const second = await suite([...args, '--shuffle', '--jobs', '1']);
  expect([first.exitCode, second.exitCode]).toEqual([1, 1]);
  const [one, other] = [first, second].map(({ stdout }) => JSON.parse(stdout) as SuiteResult);
  expect(one?.seed).toBe(1);
  expect(other?.seed).toBeTypeOf('number');
  const verdicts = [
    ['fails on small', 'fail'],
    ['holds on small', 'pass'],
    ['skips on small', 'skip'],
  ];
  for (const result of [one, other]) {
    expect(result?.runs.map(({ id, verdict }) => [id, verdict])).toEqual(verdicts);
  }
});

test('--list prints the runs of a part, and the parts are the whole', async () => {
  const list = async (...more: string[]) =>
    (await suite(['--list', '--without', 'provisioning', ...more])).stdout.trim().split('\n');
  const [whole = [], ...parts] = await Promise.all([
    list(),
    ...['1/3', '2/3', '3/3'].map((part) => list('--shard', part)),
  ]);
  expect(parts.flat().sort()).toEqual([...whole].sort());
  expect(whole).toContain('dhcp-from-physical on vlan: no lease');
  expect(whole).toContain('holds on small: quiet');
});

test.concurrent.each([
  ['a pattern that chooses nothing', ['nosuch*'], /no scenario's name matches "nosuch\*"/],
  ['an unknown topology', ['holds', '--topology', 'nosuch'], /there is no topology "nosuch"/],
  ['a part that is none', ['holds', '--shard', '3/2'], /"3\/2" is no part of a suite/],
  ['a number that is none', ['holds', '--jobs', '0'], /a whole number from 1 on is expected/],
  ['a report in a folder', ['holds', '--junit', 'scenarios'], /--junit: scenarios cannot be written/],
  ['a report below a file', ['holds', '--junit', 'scenarios/holds.ts/x'], /cannot be written: /],
  ['two reports in one file', ['holds', '--junit', 'a.json', '--json', 'a.json'], /name one file/],
  ['a pattern taken for a report', ['--json', 'holds'], /does not end in \.json/],
] as const)('%s is told, and nothing is run', async (_, args, message) => {
  const { exitCode, stdout, stderr } = await suite(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
