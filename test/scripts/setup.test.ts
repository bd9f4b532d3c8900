import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { isRoot } from '../../src/linux/user.ts';

/** A copy of the project, as the set-up changes what it is run in. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-setup-'));
  chmodSync(folder, 0o755);
  for (const each of ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts', 'src']) {
    cpSync(each, join(folder, each), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const setup = (prefix: readonly string[] = []) =>
  run([...prefix, join(folder, 'scripts', 'setup')], { accept: [0, 2, 4], timeoutMs: 120_000 });

test('it builds what is not built, and the second time does nothing in no time', async () => {
  const first = await setup();
  expect(first).toMatchObject({ exitCode: 0, stdout: '', stderr: 'setup: build\n' });
  const { stdout } = await run([process.execPath, join(folder, 'dist', 'lab.js'), '--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  const start = performance.now();
  expect(await setup()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(performance.now() - start).toBeLessThan(300);
});

test('it builds again when a source is newer', async () => {
  await setup();
  utimesSync(join(folder, 'src', 'errors.ts'), new Date(), new Date());
  expect(await setup()).toMatchObject({ exitCode: 0, stderr: 'setup: build\n' });
});

test("another folder's npm packages, behind a link, are left alone", async () => {
  utimesSync(join(folder, 'package-lock.json'), new Date(), new Date());
  expect((await setup()).stderr).not.toContain('npm ci');
  expect(existsSync(join('node_modules', 'vitest'))).toBe(true);
});

test('a user without sudo is told the command that installs what is missing, with exit code 4', async () => {
  const list = join(folder, 'scripts', 'debian-packages.txt');
  appendFileSync(list, 'lab    no-such-package  /nowhere/no-such-file  nothing\n');
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const { exitCode, stderr } = await setup(isRoot() ? nobody : []);
  expect(exitCode).toBe(4);
  expect(stderr).toContain('apt-get update && apt-get install --no-install-recommends no-such-package\n');
});

test('an argument that it does not know is refused', async () => {
  const { exitCode, stderr } = await run([join(folder, 'scripts', 'setup'), '--tets'], { accept: [2] });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--tets');
});

// The machine's own /usr/sbin is left alone: what is written lands in a layer above it that ends with the command.
const policyTrial = (before: string, packageName: string) => `
set -e
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/usr/sbin,upperdir=$1/upper,workdir=$1/work" /usr/sbin
${before}
"$2" ${packageName} > "$1/log" 2>&1 || echo "failed with $?"
if [ -e /usr/sbin/policy-rc.d ]; then cat /usr/sbin/policy-rc.d; else echo none; fi
`;

async function policyAfter(before: string, packageName = 'tini'): Promise<string> {
  const layer = mkdtempSync(join(tmpdir(), 'lab-policy-'));
  try {
    const script = policyTrial(before, packageName);
    const install = join(process.cwd(), 'scripts', 'install-packages');
    const argv = ['unshare', '--mount', 'bash', '-c', script, 'trial', layer, install];
    return (await run(argv, { timeoutMs: 120_000 })).stdout;
  } finally {
    rmSync(layer, { recursive: true });
  }
}

test.runIf(isRoot())('no policy against services is left by an installation', async () => {
  const existed = existsSync('/usr/sbin/policy-rc.d');
  expect(await policyAfter('rm -f /usr/sbin/policy-rc.d')).toBe('none\n');
  expect(existsSync('/usr/sbin/policy-rc.d')).toBe(existed);
});

test.runIf(isRoot())('nor by one that a killed installation left', async () => {
  const leave = `
rm -f /usr/sbin/policy-rc.d
printf '#!/bin/sh\\n# Made by the set-up of the lab for as long as it installs packages.\\nexit 101\\n' > /usr/sbin/policy-rc.d
`;
  expect(await policyAfter(leave)).toBe('none\n');
});

test.runIf(isRoot())("the machine's own policy stays", async () => {
  const own = "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d";
  expect(await policyAfter(own)).toBe('#!/bin/sh\nexit 101\n');
});
