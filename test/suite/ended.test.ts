import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SuiteResult } from '../../src/suite/result.ts';
import { waitFor } from '../../src/wait.ts';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

/** How many moments a suite is killed at. */
const moments = Number(process.env.LAB_TEST_KILLS ?? 2);
const runs = ['dhcp-from-physical', 'segment-translation', 'dhcp-from-physical-tagged'];
const args = ['suite', ...runs, '--jobs', '3'];

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  // What is made once, such as the trial of accelerators, is no leak.
  await machine.lab('root', ['suite', 'dhcp-from-physical', '--topology', 'flat']);
  before = traces(machine);
}, 120_000);
afterAll(() => machine?.end());

test('Ctrl-C ends the labs that run, and the reports tell what was done', async () => {
  const file = '/tmp/root/result.json';
  const suite = machine.start('root', [...args, '--json', file, '--junit', '/tmp/root/junit.xml']);
  await suite.said('1/6 ');
  suite.signal('SIGINT', 'group');
  const { exitCode } = await suite.ended;
  expect(exitCode).toBe(130);
  await expectTraces(machine, new Set([...before, `file ${file}`, 'file /tmp/root/junit.xml']));
  const result = JSON.parse(readFileSync(machine.path(file), 'utf8')) as SuiteResult;
  expect(result).toMatchObject({ interrupted: true, verdict: 'skip' });
  expect(result.runs).toHaveLength(6);
  expect(result.counts.pass).toBeGreaterThan(0);
  expect(result.counts.skip).toBeGreaterThan(0);
  const reasons = result.runs.filter(({ verdict }) => verdict === 'skip').map(({ reasonKind }) => reasonKind);
  expect(new Set(reasons)).toEqual(new Set(['interrupted']));
  expect(existsSync(machine.path('/tmp/root/junit.xml'))).toBe(true);
  await machine.sh('root', `rm ${file} /tmp/root/junit.xml`);
}, 120_000);

test(`killed at ${moments} moments: nothing is left after lab down --all`, async () => {
  const start = performance.now();
  await machine.start('root', args).ended;
  const durationMs = performance.now() - start;
  for (let index = 0; index < moments; index++) {
    const ms = Math.round(((index + Math.random()) / moments) * durationMs);
    const suite = machine.start('root', args);
    await new Promise((resolve) => setTimeout(resolve, ms));
    suite.signal('SIGKILL');
    await suite.ended;
    const down = await machine.lab('root', ['down', '--all']);
    expect(down.exitCode, `killed after ${ms} ms: ${down.stderr}`).toBe(0);
    await expectTraces(machine, before);
  }
}, 600_000);

test('a run dies with the suite, however busy it is', async () => {
  await machine.sh('root', 'mkdir -p /tmp/root/scenarios');
  const spinning = `import { scenario } from 'baremetal-lab';
export default scenario({
  title: 'It never ends', teaches: 'Nothing.', outcomes: { flat: 'never' },
  async run() { for (;;); },
});`;
  await machine.sh('root', 'cat > /tmp/root/scenarios/spins.ts', { input: spinning });
  const suite = machine.start('root', ['suite', '/tmp/root/scenarios']);
  const spins = async () => (await machine.sh('root', "pgrep -f '[d]ist/make-attempt.js' || true")).trim();
  await waitFor(
    'the lab to be up',
    async () => {
      const { stdout } = await machine.lab('root', ['list', '--json']);
      return stdout.includes('"up"') ? true : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(await spins()).not.toBe('');
  suite.signal('SIGKILL');
  await suite.ended;
  await waitFor('the run to die', async () => ((await spins()) === '' ? true : undefined), {
    timeoutMs: 5_000,
  });
  await machine.lab('root', ['down', '--all']);
  await machine.sh('root', 'rm -r /tmp/root/scenarios');
  await expectTraces(machine, before);
}, 120_000);
