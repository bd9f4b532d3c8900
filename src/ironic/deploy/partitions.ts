const sectorBytes = 512;
/** Where the first partition begins: 1 MiB, as every partitioner aligns it. */
export const firstPartitionBytes = 1024 * 1024;
const linuxType = 0x83;

/**
 * A master boot record with one Linux partition from 1 MiB on.
 *
 * @param sizeBytes the partition's size, a multiple of 512
 */
export function partitionTable(sizeBytes: number): Buffer {
  const record = Buffer.alloc(sectorBytes);
  const entry = 446;
  record.writeUInt8(0x80, entry);
  // Cylinders, heads and sectors mean nothing any more; all ones say so.
  record.fill(0xff, entry + 1, entry + 4);
  record.writeUInt8(linuxType, entry + 4);
  record.fill(0xff, entry + 5, entry + 8);
  record.writeUInt32LE(firstPartitionBytes / sectorBytes, entry + 8);
  record.writeUInt32LE(Math.floor(sizeBytes / sectorBytes), entry + 12);
  record.writeUInt16LE(0xaa55, 510);
  return record;
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
