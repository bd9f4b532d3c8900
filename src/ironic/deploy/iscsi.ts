import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { run } from '../../linux/process.ts';
import { ext4Uuid, firstPartitionBytes, partitionTable } from './partitions.ts';

/** The ramdisk's disk as it exports it. */
export interface IscsiTarget {
  readonly address: string;
  readonly iqn: string;
}

const copyTimeoutMs = 600_000;

function url({ address, iqn }: IscsiTarget): string {
  return `iscsi://${address}:3260/${iqn}/1`;
}

/** The size of the exported disk in bytes. */
async function diskBytes(target: IscsiTarget): Promise<number> {
  const { stdout } = await run(['qemu-img', 'info', '--output=json', '-f', 'raw', url(target)]);
  return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
}

/**
 * Writes a partition table and a root file system to the ramdisk's disk over iSCSI.
 *
 * @param image a raw ext4 file system
 * @returns the file system's UUID, by which the kernel finds its root
 * @throws LabError `lab-failed` when the image is larger than the disk, holds no file system, or cannot be written
 */
export async function writeRootPartition(target: IscsiTarget, image: string): Promise<string> {
  const file = await open(image);
  let imageBytes: number;
  let uuid: string | undefined;
  try {
    imageBytes = (await file.stat()).size;
    const start = Buffer.alloc(2048);
    await file.read(start, 0, start.length, 0);
    uuid = ext4Uuid(start);
  } finally {
    await file.close();
  }
  if (uuid === undefined)
    throw new LabError(
      'lab-failed',
      `image ${image} holds no ext4 file system, so it cannot be a root partition`,
    );
  const disk = await diskBytes(target);
  if (firstPartitionBytes + imageBytes > disk) {
    throw new LabError(
      'lab-failed',
      `the image of ${imageBytes} bytes is larger than the disk of ${disk} bytes, less 1 MiB for the partition table`,
      { remedy: 'use a smaller image or a node with a larger disk' },
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'partition-table-'));
  try {
    const table = join(folder, 'mbr');
    writeFileSync(table, partitionTable(imageBytes));
    await copy(table, target, { offset: 0, size: 512 });
    await copy(image, target, { offset: firstPartitionBytes, size: imageBytes });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return uuid;
}

/** Writes a raw file to a stretch of the exported disk. */
async function copy(
  source: string,
  target: IscsiTarget,
  at: { readonly offset: number; readonly size: number },
): Promise<void> {
  const stretch = [
    'driver=raw',
    `offset=${at.offset}`,
    `size=${at.size}`,
    'file.driver=iscsi',
    'file.transport=tcp',
    `file.portal=${target.address}:3260`,
    `file.target=${target.iqn}`,
    'file.lun=1',
  ];
  await run(['qemu-img', 'convert', '-n', '-f', 'raw', '--target-image-opts', source, stretch.join(',')], {
    timeoutMs: copyTimeoutMs,
  });
}
