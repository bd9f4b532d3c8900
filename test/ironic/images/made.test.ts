import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { ramdiskPackages } from '../../../src/ipa/ramdisk.ts';
import { buildImages } from '../../../src/ironic/images/build.ts';
import { chooseImage } from '../../../src/ironic/images/choose.ts';
import { configDrive } from '../../../src/ironic/images/config-drive.ts';
import { findPackages, parseDepends, parseUris } from '../../../src/ironic/images/debian-packages.ts';
import { writeExt4 } from '../../../src/ironic/images/ext4.ts';
import { FileTree } from '../../../src/ironic/images/file-tree.ts';
import { importImage } from '../../../src/ironic/images/import.ts';
import { addModules, openKernel } from '../../../src/ironic/images/kernel.ts';
import { defaultKernel, packageSet } from '../../../src/ironic/images/package-set.ts';
import { ImageStore, type StoredImage } from '../../../src/ironic/images/store.ts';
import { run } from '../../../src/linux/process.ts';
import { ProgressLog } from '../../../src/report/progress.ts';
import { temporaryFolder } from '../../ipa/agent/fixtures.ts';
import { builtImages, packagesFolder } from './built.ts';

let deploy: StoredImage;
let os: StoredImage;

beforeAll(async () => {
  ({ deploy, os } = await builtImages());
}, 300_000);

const sums = (image: StoredImage | undefined) => image?.files.map(({ name, sha256 }) => `${name} ${sha256}`);

test('images made anew from the same packages are the same, byte for byte', async () => {
  const store = new ImageStore(join(temporaryFolder(), 'images'));
  const umask = process.umask(0o077);
  const again = await buildImages(new ProgressLog(), { store, packagesFolder });
  process.umask(umask);
  expect(again.map(sums)).toEqual([sums(deploy), sums(os)]);
  expect(again.map(({ id }) => id)).toEqual([deploy.id, os.id]);
}, 180_000);

test('what is there is not made again', async () => {
  const { deploy: second } = await builtImages();
  expect(second.made).toBe(deploy.made);
});

test('the root file system is sound, and all in it is of root and of one time', async () => {
  const root = join(os.folder, 'root.ext4');
  const { stdout } = await run(['/sbin/e2fsck', '-f', '-n', root]);
  expect(stdout).toContain('Pass 5');
  const shadow = await run(['/sbin/debugfs', '-R', 'stat /etc/shadow', root]);
  expect(shadow.stdout).toMatch(/Mode: {2}0600[\s\S]*User: +0 +Group: +0[\s\S]*mtime: 0x386d4380/);
});

test('a file system is what the tree says', async () => {
  const folder = temporaryFolder();
  const tree = new FileTree();
  tree.file('a/b c/file', 'inside', 0o640);
  tree.link('link', 'a/b c/file');
  tree.device('dev/null', 1, 3, 0o666);
  const file = join(folder, 'ext4');
  await writeExt4(tree, file, {
    uuid: '01234567-89ab-4def-8123-456789abcdef',
    label: 'x',
    size: 16 * 2 ** 20,
  });
  const ask = async (command: string) => (await run(['/sbin/debugfs', '-R', command, file])).stdout;
  expect(await ask('cat "/a/b c/file"')).toBe('inside');
  expect(await ask('stat /link')).toContain('Fast link dest: "a/b c/file"');
  expect(await ask('stat /dev/null')).toMatch(/character special[\s\S]*Device major\/minor number: 01:03/);
});

test('modules come with what they depend on, in an order that loads', async () => {
  const packages = await packageSet(['busybox-static'], defaultKernel, packagesFolder);
  const kernel = openKernel(packages.kernelRoot);
  const tree = new FileTree();
  addModules(tree, kernel, ['virtio-net', 'no_such_module']);
  const folder = `lib/modules/${kernel.release}`;
  const text = (name: string) => {
    const entry = tree.entries().find(({ path }) => path === `${folder}/${name}`);
    return entry?.kind === 'file' ? Buffer.from(entry.content).toString() : '';
  };
  const line = text('modules.dep')
    .split('\n')
    .find((each) => each.includes('virtio_net.ko:'));
  expect(line?.match(/[a-z_]+(?=\.ko)/g)).toEqual([
    'virtio_net',
    'net_failover',
    'failover',
    'virtio',
    'virtio_ring',
  ]);
  expect(text('modules.alias')).toContain('alias virtio:d00000001v* virtio_net');
});

test('packages are looked up without root, and one that is unknown is named with the remedy', async () => {
  await expect(findPackages(['no-such-package-at-all'])).rejects.toMatchObject({
    code: 'machine-lacks',
    message: expect.stringContaining('no-such-package-at-all'),
    remedy: expect.stringContaining('apt-get update'),
  });
  const line = `'http://x/y_1%3a2.deb' tgt_1%3a1.0.85-1_amd64.deb 214812 SHA256:${'a'.repeat(64)}\n`;
  expect([...parseUris(line).values()]).toEqual([
    { name: 'tgt', version: '1:1.0.85-1', sha256: 'a'.repeat(64) },
  ]);
  expect(parseDepends('Package: x\nDepends: linux-image-6.1 (= 1), aa | bb, cc:any\n')).toEqual([
    'linux-image-6.1',
    'aa',
    'cc',
  ]);
  expect(ramdiskPackages).toContain('tgt');
});

test("a user's image is taken in, found by its name, and not twice", async () => {
  const store = new ImageStore(join(temporaryFolder(), 'images'));
  const mine = join(temporaryFolder(), 'My system.qcow2');
  copyFileSync(join(os.folder, 'disk.qcow2'), mine);
  const image = await importImage(store, mine);
  expect(image).toMatchObject({
    kind: 'user',
    name: 'My_system',
    facts: { virtualBytes: os.facts.virtualBytes },
  });
  expect((await importImage(store, mine)).made).toBe(image.made);
  expect(store.list()).toHaveLength(1);
  expect(store.get('My_system').id).toBe(image.id);
  expect(store.get(image.id.slice(0, 6)).id).toBe(image.id);
  store.remove(image);
  expect(() => store.get('My_system')).toThrow('there is no image My_system; there are: none yet');
});

test('the image that a user means is found without asking the package lists', async () => {
  const store = new ImageStore(join(deploy.folder, '..'));
  const progress = new ProgressLog();
  const options = { store, packagesFolder: '/nowhere' };
  expect(await chooseImage(undefined, progress, options)).toBe('lab-os');
  expect(await chooseImage(os.id.slice(0, 8), progress, options)).toBe('lab-os');
  await expect(chooseImage('no-such', progress, options)).rejects.toMatchObject({ code: 'usage' });
  const file = join(temporaryFolder(), 'mine.qcow2');
  copyFileSync(join(os.folder, 'disk.qcow2'), file);
  expect(await chooseImage(file, progress, options)).toBe('mine');
  expect(progress.steps.map(({ name }) => name)).toEqual([`image ${file}`]);
  store.remove(store.get('mine'));
});

test('a file that no disk boots from is refused, with what to do', async () => {
  const store = new ImageStore(join(temporaryFolder(), 'images'));
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  writeFileSync(file('text'), 'This is no disk.\n'.repeat(100));
  await run(['qemu-img', 'create', '-q', '-f', 'vmdk', file('vmdk'), '1M']);
  await run([
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    join(os.folder, 'disk.qcow2'),
    '-F',
    'qcow2',
    file('top'),
  ]);
  const disk = join(os.folder, 'disk.qcow2');
  await run(['qemu-img', 'convert', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd', disk, file('zstd')]);
  const reasons = {
    none: 'there is no image',
    text: 'no partition table',
    vmdk: 'vmdk',
    top: 'on top of',
    zstd: 'zstd',
  };
  for (const [name, reason] of Object.entries(reasons)) {
    await expect(importImage(store, file(name))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(reason),
    });
  }
  expect(store.list()).toEqual([]);
});

test('the index names the newest of each, by paths that conductors can read', async () => {
  const index = JSON.parse(readFileSync(join(deploy.folder, '../images.json'), 'utf8'));
  expect(index.images['lab-os']).toMatchObject({
    wholeDisk: { file: `lab-os-${os.id}/disk.qcow2`, format: 'qcow2', virtualBytes: os.facts.virtualBytes },
    partition: { file: `lab-os-${os.id}/root.ext4`, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
});

test('a config drive is an ISO 9660 file system called config-2', async () => {
  const bytes = gunzipSync(
    Buffer.from(configDrive({ uuid: 'u', hostname: 'h', userData: '#!/bin/sh\n' }), 'base64'),
  );
  const file = join(temporaryFolder(), 'drive');
  writeFileSync(file, bytes);
  const { stdout } = await run(['/sbin/blkid', '-p', '-o', 'export', file]);
  expect(stdout).toMatch(/LABEL=config-2[\s\S]*TYPE=iso9660/);
  expect(configDrive({ uuid: 'u', hostname: 'h' })).toBe(configDrive({ uuid: 'u', hostname: 'h' }));
});
