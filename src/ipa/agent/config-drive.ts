import { gunzipSync } from 'node:zlib';
import type { ByteDisk } from './disk.ts';
import { AgentError, asAgentError } from './errors.ts';
import { ImageSource } from './image-source.ts';
import { type Partition, sectorSize } from './partition.ts';
import { addPartitionAtEnd, parsePartitionTable, tableLength } from './partition-table.ts';

const largest = 64 * 2 ** 20;
const label = 'config-2';

/**
 * Writes a config drive to a partition of its own: the image's partition labelled config-2 where it has one, else
 * a new one of 64 MiB at the disk's end.
 *
 * @param configDrive base64 of a gzipped ISO 9660 or FAT file system, or a URL of that text
 * @throws AgentError ConfigDriveTooLargeError, ConfigDriveWriteError
 */
export async function writeConfigDrive(configDrive: string, disk: ByteDisk, insecure = false): Promise<void> {
  const text = /^https?:\/\//.test(configDrive) ? await fetchText(configDrive, insecure) : configDrive;
  const bytes = unpack(text);
  const start = await disk.read(0, tableLength);
  try {
    const place = await placeOn(disk, start, bytes.length);
    if (place.sectors * sectorSize < bytes.length)
      throw tooLarge(`${bytes.length} bytes do not fit in the image's partition of ${place.sectors} sectors`);
    await disk.write(place.start * sectorSize, bytes);
    await disk.sync();
  } catch (error) {
    const failure = asAgentError(error, 'ConfigDriveWriteError');
    if (failure.type !== 'ConfigDriveWriteError') throw failure;
    throw new AgentError(
      failure.type,
      `Writing configdrive to device ${disk.name} failed: ${failure.details}`,
      {
        cause: error,
      },
    );
  }
}

function unpack(text: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: largest });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(`it unpacks to more than ${largest} bytes`);
    throw new AgentError('ConfigDriveWriteError', `the config drive is no gzip in base64: ${String(error)}`);
  }
  return bytes;
}

async function fetchText(url: string, insecure: boolean): Promise<string> {
  const { body } = await new ImageSource('configdrive', url, insecure).open();
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('latin1');
}

async function placeOn(disk: ByteDisk, start: Buffer, length: number): Promise<Partition> {
  for (const partition of parsePartitionTable(start)?.partitions ?? []) {
    if (await hasLabel(disk, partition)) return partition;
  }
  const { partition, patches } = addPartitionAtEnd(start, disk.size, Math.max(length, largest));
  for (const { offset, bytes } of patches) await disk.write(offset, bytes);
  return partition;
}

/** Whether the partition holds a file system of that label: ISO 9660 (8.4.7), FAT16 or FAT32. */
async function hasLabel(disk: ByteDisk, { start }: Partition): Promise<boolean> {
  const at = start * sectorSize;
  const iso = await disk.read(at + 0x8000, 72);
  const boot = await disk.read(at, sectorSize);
  const texts = [
    iso.toString('latin1', 1, 6) === 'CD001' ? iso.toString('latin1', 40, 72) : '',
    boot.toString('latin1', 54, 57) === 'FAT' ? boot.toString('latin1', 43, 54) : '',
    boot.toString('latin1', 82, 85) === 'FAT' ? boot.toString('latin1', 71, 82) : '',
  ];
  return texts.some((text) => text.trim().toLowerCase() === label);
}

function tooLarge(details: string): AgentError {
  return new AgentError('ConfigDriveTooLargeError', details);
}
