import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeRootPartition, writeWholeDisk } from '../../src/ironic/deploy/iscsi.ts';
import type { IscsiTarget } from '../../src/ironic/deploy/iscsi-disk.ts';
import { configDrive } from '../../src/ironic/images/config-drive.ts';
import { run } from '../../src/linux/process.ts';
import { waitFor } from '../../src/wait.ts';
import { dirtyDisk, temporaryFolder } from '../ipa/agent/fixtures.ts';
import { freePort } from './images/virtual-machine.ts';

/*
 * What the conductor writes to a ramdisk's disk, with a tgtd of this machine in the place of the ramdisk's.
 */

const mebibyte = 2 ** 20;
const diskLength = 160 * mebibyte;
const drive = configDrive({ uuid: 'u', hostname: 'server-1', userData: '#cloud-config\n' });

beforeAll(async () => {
  await run(['mkdir', '-p', '/run/tgtd']);
});

/** Exports a file full of what an older system left, on loopback. */
async function exportedDisk(): Promise<{ target: IscsiTarget; bytes: () => Buffer; file: string }> {
  const { file } = await dirtyDisk(temporaryFolder(), diskLength);
  const port = await freePort();
  // The number of its control socket, which is at most 32767; other tests have others.
  const control = String(port % 32_768);
  const iqn = 'iqn.2008-10.org.openstack:test';
  const child = spawn('tgtd', ['-f', '-C', control, '--iscsi', `portal=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const tgtadm = (...words: string[]) => run(['tgtadm', '-C', control, '--lld', 'iscsi', ...words]);
  const newTarget = ['--mode', 'target', '--op', 'new', '--tid', '1', '--targetname', iqn];
  await waitFor(
    'tgtd to answer',
    () =>
      tgtadm(...newTarget).then(
        () => true,
        () => undefined,
      ),
    { timeoutMs: 20_000 },
  );
  await tgtadm('--mode', 'logicalunit', '--op', 'new', '--tid', '1', '--lun', '1', '--backing-store', file);
  await tgtadm('--mode', 'target', '--op', 'bind', '--tid', '1', '--initiator-address', 'ALL');
  return { target: { address: '127.0.0.1', iqn, port }, bytes: () => readFileSync(file), file };
}

async function partitionsOf(file: string) {
  const { stdout } = await run(['/sbin/sfdisk', '--json', file]);
  const { partitiontable } = JSON.parse(stdout) as {
    partitiontable: { partitions: { start: number; size: number }[] };
  };
  return partitiontable.partitions.map(({ start, size }) => ({ start: start * 512, size: size * 512 }));
}

test('a whole disk is written with its holes as zeros, and the config drive behind it', async () => {
  const folder = temporaryFolder();
  const [raw, qcow2] = [join(folder, 'raw'), join(folder, 'qcow2')];
  await run(['truncate', '-s', '24M', raw]);
  await run(['/sbin/sfdisk', '--quiet', raw], { input: 'label: gpt\nsize=20M\n' });
  await run(['qemu-img', 'convert', '-O', 'qcow2', raw, qcow2]);
  const { target, bytes, file } = await exportedDisk();
  await writeWholeDisk(target, { file: qcow2, format: 'qcow2', virtualBytes: 24 * mebibyte }, drive);
  const [system, config] = await partitionsOf(file);
  expect(system).toEqual({ start: mebibyte, size: 20 * mebibyte });
  const written = bytes();
  expect(written.subarray(mebibyte, 21 * mebibyte).every((byte) => byte === 0)).toBe(true);
  const expected = gunzipSync(Buffer.from(drive, 'base64'));
  const at = config?.start ?? 0;
  expect(written.subarray(at, at + expected.length).equals(expected)).toBe(true);
}, 60_000);

test("a root file system is written to a partition, which the kernel finds by the file system's UUID", async () => {
  const root = join(temporaryFolder(), 'root');
  await run(['truncate', '-s', '16M', root]);
  const uuid = 'fd916f98-b8d9-5486-80e7-2fd993d7d009';
  await run(['mke2fs', '-q', '-t', 'ext4', '-U', uuid, root]);
  const { target, bytes, file } = await exportedDisk();
  expect(await writeRootPartition(target, root, drive)).toBe(uuid);
  const [system, config] = await partitionsOf(file);
  expect(system).toEqual({ start: mebibyte, size: 16 * mebibyte });
  expect(
    bytes()
      .subarray(mebibyte, 17 * mebibyte)
      .equals(readFileSync(root)),
  ).toBe(true);
  expect(config?.size).toBe(64 * mebibyte);
  const { stdout } = await run([
    'blkid',
    '-p',
    '-o',
    'value',
    '-s',
    'LABEL',
    '-O',
    String(config?.start),
    file,
  ]);
  expect(stdout.trim()).toBe('config-2');
}, 60_000);

test('an image that is larger than the disk is refused, with both sizes', async () => {
  const { target } = await exportedDisk();
  const image = { file: '/nowhere', format: 'raw', virtualBytes: diskLength + 512 } as const;
  await expect(writeWholeDisk(target, image, null)).rejects.toThrow(
    `the image of ${diskLength + 512} bytes is larger than the disk of ${diskLength} bytes`,
  );
}, 60_000);
