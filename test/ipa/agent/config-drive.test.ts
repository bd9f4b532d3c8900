import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { writeConfigDrive } from '../../../src/ipa/agent/config-drive.ts';
import { Disk } from '../../../src/ipa/agent/disk.ts';
import { run } from '../../../src/linux/process.ts';
import { noise, temporaryFolder } from './fixtures.ts';
import { serveImages } from './image-server.ts';

const mebibyte = 2 ** 20;
const drive = noise(3 * mebibyte);
const packed = gzipSync(drive).toString('base64');

/** A disk that sfdisk has partitioned, as an image would leave it: its table made for a smaller disk. */
async function partitioned(script: string, imageSize = '40M', diskSize = '200M') {
  const file = join(temporaryFolder(), 'disk');
  await run(['truncate', '-s', imageSize, file]);
  await run(['/sbin/sfdisk', '--quiet', file], { input: script });
  await run(['truncate', '-s', diskSize, file]);
  const disk = await Disk.open(file);
  onTestFinished(() => disk.close());
  return { file, disk };
}

interface Listed {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
}

/** The partitions as sfdisk reads them back, and its complaints. */
async function listed(file: string): Promise<{ partitions: Listed[]; complaints: string }> {
  const { stdout, stderr } = await run(['/sbin/sfdisk', '--json', file]);
  const verified = await run(['/sbin/sfdisk', '--verify', file], { accept: [0, 1] });
  const { partitiontable } = JSON.parse(stdout) as { partitiontable: { partitions: Listed[] } };
  return { partitions: partitiontable.partitions, complaints: stderr + verified.stderr };
}

for (const label of ['dos', 'gpt']) {
  test(`a config drive gets a partition of 64 MiB at the end of a disk with a ${label} table`, async () => {
    const { file, disk } = await partitioned(`label: ${label}\nsize=10M\nsize=20M\n`);
    await writeConfigDrive(packed, disk);
    const { partitions, complaints } = await listed(file);
    expect(complaints).toBe('');
    expect(partitions).toHaveLength(3);
    const [, second, third] = partitions;
    if (!second || !third) throw new Error('a partition is missing');
    expect(third.size * 512).toBe(64 * mebibyte);
    expect((third.start * 512) % mebibyte).toBe(0);
    expect(200 * mebibyte - (third.start + third.size) * 512).toBeLessThan(2 * mebibyte);
    expect(third.start).toBeGreaterThanOrEqual(second.start + second.size);
    if (label === 'gpt') expect(third.uuid).not.toBe(second.uuid);
    const at = third.start * 512;
    expect(
      readFileSync(file)
        .subarray(at, at + drive.length)
        .equals(drive),
    ).toBe(true);
  });
}

test('the partition of an image that is labelled config-2 is used', async () => {
  const { file, disk } = await partitioned('label: dos\nsize=10M\nsize=20M\n');
  const { partitions } = await listed(file);
  const at = (partitions[1]?.start ?? 0) * 512;
  const floppy = join(temporaryFolder(), 'fat');
  await run(['truncate', '-s', '20M', floppy]);
  await run(['mformat', '-i', floppy, '-v', 'config-2', '::']);
  await disk.write(at, readFileSync(floppy));
  await writeConfigDrive(packed, disk);
  expect((await listed(file)).partitions).toEqual(partitions);
  expect(
    readFileSync(file)
      .subarray(at, at + drive.length)
      .equals(drive),
  ).toBe(true);
});

test('a config drive may be fetched by HTTP', async () => {
  const { file, disk } = await partitioned('label: dos\nsize=10M\n');
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'drive'), packed);
  const { url } = await serveImages(folder);
  await writeConfigDrive(`${url}/drive`, disk);
  const at = ((await listed(file)).partitions[1]?.start ?? 0) * 512;
  expect(
    readFileSync(file)
      .subarray(at, at + drive.length)
      .equals(drive),
  ).toBe(true);
});

test('what cannot be is refused with the reason', async () => {
  const table = 'label: dos\nsize=10M\n';
  const cases: [script: string, sizes: [string, string], drive: string, reason: string][] = [
    [table, ['40M', '200M'], 'not base64 of a gzip', 'no gzip in base64'],
    [
      table,
      ['40M', '200M'],
      gzipSync(Buffer.alloc(65 * mebibyte)).toString('base64'),
      'more than 67108864 bytes',
    ],
    [table, ['40M', '60M'], packed, 'no room for 67108864 bytes'],
    ['label: dos\nsize=1M\nsize=1M\nsize=1M\nsize=1M\n', ['40M', '200M'], packed, 'all four primary'],
  ];
  for (const [script, sizes, text, reason] of cases) {
    const { disk } = await partitioned(script, ...sizes);
    await expect(writeConfigDrive(text, disk)).rejects.toThrow(reason);
  }
  const empty = join(temporaryFolder(), 'empty');
  await run(['truncate', '-s', '100M', empty]);
  const disk = await Disk.open(empty);
  onTestFinished(() => disk.close());
  await expect(writeConfigDrive(packed, disk)).rejects.toThrow('no partition table');
});
