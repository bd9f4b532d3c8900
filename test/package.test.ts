import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Finished, type RunOptions, run } from '../src/linux/process.ts';

/** A user's project, with the package installed in it as npm would from the registry. */
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'lab-package-'));
  // What prepack would build is built: the set-up that comes before the tests does that.
  await run(['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', project]);
  const [tarball] = readdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'mine', private: true }));
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run(['npm', 'install', ...quietly, `./${tarball}`], { cwd: project, timeoutMs: 120_000 });
}, 150_000);

afterAll(async () => {
  // Where the package does not work there is no lab to end.
  await lab(['down', '--all']).catch(() => undefined);
  rmSync(project, { recursive: true });
});

function lab(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(['npx', '--no-install', 'lab', ...args], {
    cwd: project,
    env: { LAB_HOME: join(project, 'home') },
    ...options,
  });
}

test('it has the version of the project', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect((await lab(['--version'])).stdout).toBe(`${version}\n`);
});

test('it brings its topologies, and the list that the doctor reads', async () => {
  expect((await lab(['topologies'])).stdout).toMatch(/^flat .*\n(.*\n)*vlan /);
  const { stdout } = await lab(['doctor', '--json'], { accept: [0, 4] });
  expect(JSON.parse(stdout)).toHaveProperty('findings');
});

test('it builds a lab and ends it', async () => {
  await lab(['up', 'flat']);
  expect((await lab(['status'])).stdout).toContain('baremetalbrbm_0');
  await lab(['down']);
  expect((await lab(['list', '--json'])).stdout).toContain('"labs": []');
});

const ownScenario = `import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'My own',
  teaches: 'Nothing.',
  outcomes: { flat: 'quiet' },
  async run(run) {
    const vlan: number = run.network.local_vlan;
    // @ts-expect-error: types reach the user, so that a slip is seen
    run.nonsense(vlan);
    return 'quiet';
  },
});
`;

test("a user's own scenario is found, loads without a build step, and has types", async () => {
  mkdirSync(join(project, 'scenarios'));
  writeFileSync(join(project, 'scenarios', 'mine.ts'), ownScenario);
  expect((await lab(['scenarios'])).stdout).toContain('My own');
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(process.cwd(), 'node_modules', '@types')],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['scenarios'] }));
  const tsc = join(process.cwd(), 'node_modules', '.bin', 'tsc');
  const { exitCode, stdout } = await run([tsc, '--project', project], { accept: [0, 1, 2] });
  expect(exitCode, stdout).toBe(0);
});
