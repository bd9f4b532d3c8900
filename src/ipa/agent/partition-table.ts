import { addGptPartition, parseGpt } from './gpt.ts';
import { addMbrPartition, parseMbr } from './mbr.ts';
import { type Partition, type Patch, sectorSize } from './partition.ts';

export interface PartitionTable {
  readonly kind: 'mbr' | 'gpt';
  readonly partitions: readonly Partition[];
}

/** How much of a disk's start holds its table: protective MBR, GPT header and 128 entries, and some more. */
export const tableLength = 2 ** 16;

/**
 * @param start the first `tableLength` bytes of the disk
 * @returns undefined where there is no partition table
 */
export function parsePartitionTable(start: Uint8Array): PartitionTable | undefined {
  const gpt = parseGpt(start);
  if (gpt) return { kind: 'gpt', partitions: gpt.partitions };
  const mbr = parseMbr(start);
  return mbr && { kind: 'mbr', partitions: mbr.partitions };
}

/**
 * Adds a partition of at least `length` bytes at the disk's end, as Ironic's own partitioning does for a config
 * drive. The copy of a GUID partition table moves to the disk's end, for an image is mostly smaller than its disk.
 *
 * @param diskSize in bytes
 * @returns the partition and what to write
 * @throws Error that says why there is no room
 */
export function addPartitionAtEnd(
  start: Uint8Array,
  diskSize: number,
  length: number,
): { readonly partition: Partition; readonly patches: readonly Patch[] } {
  const gpt = parseGpt(start);
  const mbr = parseMbr(start);
  const table = gpt ?? mbr;
  if (!table) throw new Error('the disk has no partition table');
  const alignment = 2 ** 20 / sectorSize;
  const diskSectors = Math.floor(diskSize / sectorSize);
  const usable = gpt ? diskSectors - gpt.tableSectors - 1 : diskSectors;
  const sectors = Math.ceil(length / sectorSize);
  const first = Math.floor((usable - sectors) / alignment) * alignment;
  const occupied = Math.max(0, ...table.partitions.map((each) => each.start + each.sectors));
  if (first < Math.max(occupied, alignment))
    throw new Error(
      `no room for ${length} bytes between sector ${occupied}, where the last partition ends, and ${usable}`,
    );
  const partition = { start: first, sectors };
  const patches = gpt
    ? addGptPartition(start, gpt, partition, diskSectors)
    : addMbrPartition(start, partition);
  return { partition, patches };
}
