import { createHash } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImageChecks } from '../../src/ironic/deploy/image-check.ts';
import type { ImageIndex } from '../../src/ironic/deploy/image-files.ts';
import type { Node } from '../../src/ironic/node.ts';
import { waitFor } from '../../src/wait.ts';
import { temporaryFolder } from '../ipa/agent/fixtures.ts';
import { LabCommand } from '../lab-command.ts';

const good = Buffer.alloc(8192, 1);
const damaged = Buffer.from(good).fill(2, 4096, 4097);
const sha256 = createHash('sha256').update(good).digest('hex');

test('a file is read once, and again when it was touched, its size and time of writing as before', async () => {
  const file = join(temporaryFolder(), 'root.ext4');
  writeFileSync(file, good);
  // Whole seconds: what utimes(2) sets again is the same to the nanosecond.
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const checks = new ImageChecks();
  const check = () =>
    checks.check('lab-os', file, { algorithm: 'sha256', value: sha256, said: 'was recorded' });
  expect(await check()).toBe('read');
  expect(await check()).toBe('known');
  writeFileSync(file, damaged);
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const found = createHash('sha256').update(damaged).digest('hex');
  await expect(check()).rejects.toMatchObject({
    code: 'lab-failed',
    message: `image lab-os is not what it should be: the SHA-256 of ${file} is ${found}, but ${sha256} was recorded; nothing was written to the disk`,
  });
});

test('a sum that is asked for may be in capitals, and is one of its own', async () => {
  const file = join(temporaryFolder(), 'root.ext4');
  writeFileSync(file, good);
  const checks = new ImageChecks();
  const md5 = createHash('md5').update(good).digest('hex').toUpperCase();
  const said = 'was asked for';
  expect(await checks.check('i', file, { algorithm: 'sha256', value: sha256, said })).toBe('read');
  expect(await checks.check('i', file, { algorithm: 'md5', value: md5, said })).toBe('read');
});

const lab = new LabCommand();
beforeAll(async () => {
  const folder = join(lab.home, 'images', 'broken-1');
  mkdirSync(folder, { recursive: true });
  for (const name of ['kernel', 'ramdisk', 'root.ext4']) writeFileSync(join(folder, name), damaged);
  const [kernel, ramdisk] = ['broken-1/kernel', 'broken-1/ramdisk'];
  const partition = { kind: 'partition', kernel, ramdisk, file: 'broken-1/root.ext4', sha256 } as const;
  const index: ImageIndex = {
    deploy: { kernel, agent: ramdisk, iscsi: ramdisk },
    images: { broken: { partition } },
  };
  writeFileSync(join(lab.home, 'images', 'images.json'), JSON.stringify(index));
  expect(await lab.run(['up', 'flat', '-q'])).toMatchObject({ exitCode: 0 });
});
afterAll(() => lab.end());

test('a damaged image ends in deploy failed by a PXE driver, before the node is booted for it', async () => {
  const name = 'baremetalbrbm_0';
  const asked = await lab.run(['node', 'set-provision-state', name, 'active', '--image', 'broken']);
  expect(asked).toMatchObject({ exitCode: 0 });
  const node = await waitFor(
    'the deployment to end',
    async () => {
      const now = (await lab.json<{ node: Node }>(['node', 'show', name])).node;
      return now.provision_state === 'deploying' ? undefined : now;
    },
    { timeoutMs: 30_000 },
  );
  expect(node.provision_state).toBe('deploy failed');
  expect(node.last_error).toContain(
    'image broken is not what it should be: the SHA-256 of /run/images/broken-1',
  );
  expect(node.last_error).toContain(sha256);
  expect(node.driver_internal_info.phases?.map((phase) => phase.name)).toEqual(['failed']);
}, 60_000);
