import { partitionType, writeMbr } from '../../ipa/agent/mbr.ts';
import { sectorSize } from '../../ipa/agent/partition.ts';

/** Where the first partition begins: 1 MiB, as every partitioner aligns it. */
export const firstPartitionBytes = 2 ** 20;

/**
 * A master boot record with one Linux partition from 1 MiB on.
 *
 * @param sizeBytes the partition's size, a multiple of 512
 */
export function partitionTable(sizeBytes: number): Uint8Array {
  const partition = { start: firstPartitionBytes / sectorSize, sectors: Math.floor(sizeBytes / sectorSize) };
  return writeMbr(new Uint8Array(), 0, [{ ...partition, type: partitionType.linux, bootable: true }]);
}

/**
 * The UUID of an ext2/3/4 file system, from its superblock (s_uuid, Linux's fs/ext4/ext4.h); undefined for bytes that
 * hold no such file system.
 *
 * @param start the first 2 KiB of the file system
 */
export function ext4Uuid(start: Buffer): string | undefined {
  const superblock = start.subarray(1024, 2048);
  if (superblock.length < 1024 || superblock.readUInt16LE(0x38) !== 0xef53) return undefined;
  const hex = superblock.subarray(0x68, 0x78).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
