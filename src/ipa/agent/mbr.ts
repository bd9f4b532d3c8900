import { type Partition, type Patch, sectorSize } from './partition.ts';

/** A master boot record: four entries of 16 bytes from byte 446, and 55 AA at the sector's end. */

const entriesAt = 446;
const entryLength = 16;
const largest = 2 ** 32;
/** "Beyond what cylinders, heads and sectors can say"; everyone reads the sector numbers. */
const noCylinders = [0xfe, 0xff, 0xff];

export const partitionType = { fat32: 0x0c, linux: 0x83, protective: 0xee, efiSystem: 0xef } as const;

export interface MbrPartition extends Partition {
  readonly type: number;
  readonly bootable: boolean;
}

export interface Mbr {
  readonly partitions: readonly MbrPartition[];
}

export function parseMbr(start: Uint8Array): Mbr | undefined {
  if (start.length < sectorSize || start[510] !== 0x55 || start[511] !== 0xaa) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const partitions = [0, 1, 2, 3].flatMap((index) => {
    const at = entriesAt + index * entryLength;
    const type = view.getUint8(at + 4);
    const partition = {
      type,
      bootable: view.getUint8(at) === 0x80,
      start: view.getUint32(at + 8, true),
      sectors: view.getUint32(at + 12, true),
    };
    return type === 0 || partition.sectors === 0 ? [] : [partition];
  });
  // A file system's boot sector ends in 55 AA as well.
  return partitions.length > 0 ? { partitions } : undefined;
}

/**
 * @param signature the disk's number, by which Linux names its partitions (PARTUUID)
 * @param bootCode at most 440 bytes
 */
export function writeMbr(
  bootCode: Uint8Array,
  signature: number,
  partitions: readonly MbrPartition[],
): Uint8Array {
  const sector = new Uint8Array(sectorSize);
  sector.set(bootCode.subarray(0, 440));
  new DataView(sector.buffer).setUint32(440, signature, true);
  for (const [index, partition] of partitions.entries())
    sector.set(entryOf(partition), entriesAt + index * entryLength);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

export function addMbrPartition(start: Uint8Array, { start: first, sectors }: Partition): Patch[] {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const free = [0, 1, 2, 3].find((index) => view.getUint8(entriesAt + index * entryLength + 4) === 0);
  if (free === undefined) throw new Error('all four primary partitions are in use');
  if (first + sectors > largest) throw new Error('the disk is larger than an MBR can say; use a GPT image');
  const offset = entriesAt + free * entryLength;
  return [{ offset, bytes: entryOf({ type: partitionType.fat32, bootable: false, start: first, sectors }) }];
}

function entryOf({ type, bootable, start, sectors }: MbrPartition): Uint8Array {
  const entry = new Uint8Array(entryLength);
  entry.set([bootable ? 0x80 : 0, ...noCylinders, type, ...noCylinders]);
  const view = new DataView(entry.buffer);
  view.setUint32(8, start, true);
  view.setUint32(12, sectors, true);
  return entry;
}
