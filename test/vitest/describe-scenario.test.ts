import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Finished, run } from '../../src/linux/process.ts';
import { LabCommand } from '../lab-command.ts';
import { makeOwnFolder } from '../suite/own-scenarios.ts';

/** A user's project with Vitest and this package in its node_modules. */
const lab = new LabCommand();
const project = join(lab.home, 'project');
let ended: Finished;
let tests: readonly {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: string[];
}[];

beforeAll(async () => {
  makeOwnFolder(project);
  // As npm installs them: Vitest would compile what a link leads to.
  const installed = join(project, 'node_modules', 'baremetal-lab');
  for (const part of ['dist', 'package.json', 'topologies', 'scenarios']) {
    cpSync(part, join(installed, part), { recursive: true, filter: (path) => !path.endsWith('.map') });
  }
  for (const name of ['vitest', 'esbuild', 'koffi']) {
    symlinkSync(join(process.cwd(), 'node_modules', name), join(project, 'node_modules', name));
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  writeFileSync(
    join(project, 'network.test.ts'),
    `import { describeScenario } from 'baremetal-lab/vitest';

describeScenario('holds');
describeScenario('fails');
describeScenario('skips');
describeScenario('flaky', { retry: 1 });
describeScenario('hangs', { timeout: 4000 });
`,
  );
  writeFileSync(
    join(project, 'wrong.test.ts'),
    `import { describeScenario } from 'baremetal-lab/vitest';

describeScenario('dhcp-from-*', { topologies: ['nosuch'] });
`,
  );
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', '--outputFile.json=results.json'];
  ended = await run([process.execPath, vitest, 'run', '--root', project, ...reporters], {
    cwd: project,
    env: { LAB_HOME: lab.home, NO_COLOR: '1', VITEST: '' },
    accept: [1],
    timeoutMs: 100_000,
  });
  const { testResults } = JSON.parse(readFileSync(join(project, 'results.json'), 'utf8'));
  tests = testResults.flatMap(({ assertionResults }: { assertionResults: typeof tests }) => assertionResults);
}, 120_000);

afterAll(() => lab.end());

const find = (name: string) => tests.find(({ fullName }) => fullName.startsWith(name));

test('each topology of a scenario is a test with its outcome as a name', () => {
  expect(tests.map(({ fullName, status }) => [fullName, status])).toEqual([
    ['holds on small: quiet', 'passed'],
    ['fails on small: quiet', 'failed'],
    ['skips on small: quiet', 'skipped'],
    ['flaky on small: quiet', 'passed'],
    ['hangs on small: quiet', 'failed'],
  ]);
});

test('a failure shows the hop table, and the line of the scenario that states the claim', () => {
  const [message = ''] = find('fails')?.failureMessages ?? [];
  expect(message).toMatch(/^ScenarioFailed: quiet, as declared, but 1 of 1 claims do not hold\n/);
  expect(message).toMatch(/rack\/server +untagged +0\.000 ms\n/);
  expect(message).toContain('✗ it never comes to "dnsmasq" & <co>');
  const [, line] = /❯ scenarios\/fails\.ts:(\d+):1$/m.exec(ended.stderr) ?? [];
  const text = readFileSync(join(project, 'scenarios', 'fails.ts'), 'utf8').split('\n')[Number(line) - 1];
  expect(text).toContain("run.claim('it never comes to");
});

test("time is Vitest's, and no lab outlives its test", async () => {
  expect(ended.stderr).toMatch(/hangs > on small: quiet\nError: Test timed out in 4000ms/);
  expect(await lab.json(['list'])).toMatchObject({ labs: [] });
});

test('a topology that is none is told', () => {
  expect(ended.stderr).toMatch(/there is no topology "nosuch"/);
});
