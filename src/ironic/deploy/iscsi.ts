import { open } from 'node:fs/promises';
import { LabError, messageOf } from '../../errors.ts';
import { writeConfigDrive } from '../../ipa/agent/config-drive.ts';
import { IscsiDisk, type IscsiTarget } from './iscsi-disk.ts';
import { ext4Uuid, firstPartitionBytes, partitionTable } from './partitions.ts';

/** What the labels of an older system may occupy at the end of a disk. */
const endLength = 2 ** 20;

/**
 * Writes a partition table, a root file system and a config drive to the ramdisk's disk over iSCSI.
 *
 * @param image a raw ext4 file system
 * @param configDrive base64 of a gzipped file system, for a partition of its own at the disk's end; null for none
 * @returns the file system's UUID, by which the kernel finds its root
 * @throws LabError `lab-failed` when the image is larger than the disk, holds no file system, or cannot be written
 */
export async function writeRootPartition(
  target: IscsiTarget,
  image: string,
  configDrive: string | null,
): Promise<string> {
  const { length, rootUuid } = await rootFileSystem(image);
  const disk = await IscsiDisk.open(target);
  if (firstPartitionBytes + length > disk.size)
    throw tooLarge(length, disk, ', less 1 MiB for the partition table');
  await disk.write(0, partitionTable(length));
  await disk.copy(image, 'raw', firstPartitionBytes, length);
  await addConfigDrive(disk, configDrive);
  return rootUuid;
}

/**
 * Writes an image that has a partition table and boot loader of its own, and a config drive beside it.
 *
 * @param image what is in it takes `virtualBytes` on the disk
 * @throws LabError `lab-failed` when it is larger than the disk or cannot be written
 */
export async function writeWholeDisk(
  target: IscsiTarget,
  image: { readonly file: string; readonly format: 'raw' | 'qcow2'; readonly virtualBytes: number },
  configDrive: string | null,
): Promise<void> {
  const disk = await IscsiDisk.open(target);
  const { file, format, virtualBytes } = image;
  if (virtualBytes > disk.size) throw tooLarge(virtualBytes, disk);
  const end = Math.max(virtualBytes, disk.size - endLength);
  if (end < disk.size) await disk.write(end, new Uint8Array(disk.size - end));
  await disk.copy(file, format, 0, virtualBytes);
  await addConfigDrive(disk, configDrive);
}

async function rootFileSystem(image: string): Promise<{ length: number; rootUuid: string }> {
  const file = await open(image);
  try {
    const start = Buffer.alloc(2048);
    await file.read(start, 0, start.length, 0);
    const rootUuid = ext4Uuid(start);
    if (rootUuid !== undefined) return { length: (await file.stat()).size, rootUuid };
  } finally {
    await file.close();
  }
  throw new LabError(
    'lab-failed',
    `image ${image} holds no ext4 file system, so it cannot be a root partition`,
  );
}

async function addConfigDrive(disk: IscsiDisk, configDrive: string | null): Promise<void> {
  if (configDrive === null) return;
  await writeConfigDrive(configDrive, disk).catch((cause: unknown) => {
    throw new LabError('lab-failed', messageOf(cause), { cause });
  });
}

function tooLarge(imageBytes: number, disk: IscsiDisk, less = ''): LabError {
  return new LabError(
    'lab-failed',
    `the image of ${imageBytes} bytes is larger than the disk of ${disk.size} bytes${less}`,
    { remedy: 'use a smaller image or a node with a larger disk' },
  );
}
