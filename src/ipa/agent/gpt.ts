import { crc32 } from './crc32.ts';
import { type Partition, type Patch, sectorSize } from './partition.ts';

/** A GUID partition table (UEFI specification, 5.3): a header in sector 1, its entries, and a copy at the end. */
export interface Gpt {
  readonly partitions: readonly Partition[];
  readonly entryCount: number;
  readonly entryLength: number;
  /** What the entries occupy. */
  readonly tableSectors: number;
}

const headerAt = sectorSize;
const signature = 'EFI PART';
const headerLength = 92;
const entriesSector = 2;
/** Linux filesystem data, 0FC63DAF-8483-4772-8E79-3D69D8477DE4, as it lies on the disk. */
const linuxData = Buffer.from('af3dc60f838472478e793d69d8477de4', 'hex');

export function parseGpt(start: Uint8Array): Gpt | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  if (
    bytes.length < headerAt + headerLength ||
    bytes.toString('latin1', headerAt, headerAt + 8) !== signature
  )
    return undefined;
  const entryCount = bytes.readUInt32LE(headerAt + 80);
  const entryLength = bytes.readUInt32LE(headerAt + 84);
  const tableSectors = Math.ceil((entryCount * entryLength) / sectorSize);
  if (
    bytes.readUInt32LE(headerAt + 72) !== entriesSector ||
    (entriesSector + tableSectors) * sectorSize > bytes.length
  )
    return undefined;
  const partitions: Partition[] = [];
  for (let index = 0; index < entryCount; index++) {
    const at = entriesSector * sectorSize + index * entryLength;
    if (isFree(bytes, at)) continue;
    const first = Number(bytes.readBigUInt64LE(at + 32));
    partitions.push({ start: first, sectors: Number(bytes.readBigUInt64LE(at + 40)) - first + 1 });
  }
  return { partitions, entryCount, entryLength, tableSectors };
}

export function addGptPartition(
  start: Uint8Array,
  gpt: Gpt,
  partition: Partition,
  diskSectors: number,
): Patch[] {
  const bytes = Buffer.from(start);
  const entriesAt = entriesSector * sectorSize;
  const entries = bytes.subarray(entriesAt, entriesAt + gpt.entryCount * gpt.entryLength);
  const free = Array.from({ length: gpt.entryCount }, (_, index) => index * gpt.entryLength).find((at) =>
    isFree(entries, at),
  );
  if (free === undefined) throw new Error(`all ${gpt.entryCount} partitions are in use`);
  linuxData.copy(entries, free);
  // The disk's own id, the start sector in its last bytes: unique among the partitions, and the same at each run.
  bytes.copy(entries, free + 16, headerAt + 56, headerAt + 72);
  entries.writeUInt32BE(partition.start % 2 ** 32, free + 28);
  entries.writeBigUInt64LE(BigInt(partition.start), free + 32);
  entries.writeBigUInt64LE(BigInt(partition.start + partition.sectors - 1), free + 40);
  entries.write('config-2', free + 56, 'utf16le');
  const last = diskSectors - 1;
  const copyOfEntries = last - gpt.tableSectors;
  const header = (own: number, other: number, entriesStart: number) => {
    const made = Buffer.from(bytes.subarray(headerAt, headerAt + sectorSize));
    made.writeBigUInt64LE(BigInt(own), 24);
    made.writeBigUInt64LE(BigInt(other), 32);
    made.writeBigUInt64LE(BigInt(copyOfEntries - 1), 48);
    made.writeBigUInt64LE(BigInt(entriesStart), 72);
    made.writeUInt32LE(crc32(entries), 88);
    made.writeUInt32LE(0, 16);
    made.writeUInt32LE(crc32(made.subarray(0, made.readUInt32LE(12))), 16);
    return made;
  };
  return [
    { offset: protectiveLengthAt, bytes: protectiveLength(diskSectors) },
    { offset: headerAt, bytes: header(1, last, entriesSector) },
    { offset: entriesAt, bytes: entries },
    { offset: copyOfEntries * sectorSize, bytes: entries },
    { offset: last * sectorSize, bytes: header(last, 1, copyOfEntries) },
  ];
}

/** The length of the MBR's one entry, which protects the whole disk from those who know no GPT. */
const protectiveLengthAt = 446 + 12;

function protectiveLength(diskSectors: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Math.min(diskSectors - 1, 0xffff_ffff));
  return bytes;
}

function isFree(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at, at + 16).every((byte) => byte === 0);
}
