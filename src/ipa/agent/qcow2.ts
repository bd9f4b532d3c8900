import { AgentError } from './errors.ts';

/** The format of QEMU's docs/interop/qcow2.txt, versions 2 and 3, read without ever holding the image. */
export const qcow2Magic = 0x514649fb;

/** Enough for the header and what follows it that matters. */
export const headerLength = 112;

export interface Qcow2Header {
  /** Of the disk that the image describes, in bytes. */
  readonly virtualSize: number;
  readonly clusterBits: number;
  /** In bytes from the image's start. */
  readonly l1Offset: number;
  readonly l1Entries: number;
}

/** A piece of the image that goes to the disk: `length` bytes at `source` of the image, to `target` of the disk. */
export interface Extent {
  readonly source: number;
  readonly length: number;
  readonly target: number;
  /** Deflated; it unfolds to one cluster. */
  readonly compressed: boolean;
}

const dirtyBit = 1n;
const compressionTypeBit = 8n;
const offsetMask = 0x00ff_ffff_ffff_fe00n;
const compressedFlag = 1n << 62n;
const zeroFlag = 1n;
const largestL1 = 32 * 2 ** 20;

export function isQcow2(start: Uint8Array): boolean {
  return start.length >= 4 && view(start).getUint32(0) === qcow2Magic;
}

/**
 * @param bytes the first `headerLength` bytes
 * @throws AgentError InvalidImage for what cannot or must not be read: other files, encryption, damage
 */
export function parseHeader(bytes: Uint8Array): Qcow2Header {
  if (bytes.length < 72) throw invalid(`it ends after ${bytes.length} bytes`);
  const at = view(bytes);
  const version = at.getUint32(4);
  if (version !== 2 && version !== 3) throw invalid(`its version is ${version}`);
  if (at.getBigUint64(8) !== 0n) throw invalid('it has a backing file; make it whole with qemu-img convert');
  if (at.getUint32(32) !== 0) throw invalid('it is encrypted');
  if (version === 3) checkFeatures(bytes);
  const clusterBits = at.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21) throw invalid(`its clusters are of 2^${clusterBits} bytes`);
  const header = {
    virtualSize: Number(at.getBigUint64(24)),
    clusterBits,
    l1Offset: Number(at.getBigUint64(40)),
    l1Entries: at.getUint32(36),
  };
  const perL1Entry = 2 ** clusterBits * l2Entries(header);
  if (header.l1Entries * 8 > largestL1 || header.l1Entries * perL1Entry < header.virtualSize)
    throw invalid(`its first table has ${header.l1Entries} entries`);
  return header;
}

function checkFeatures(bytes: Uint8Array): void {
  if (bytes.length < 104) throw invalid(`it ends after ${bytes.length} bytes`);
  const at = view(bytes);
  // A dirty image has wrong reference counts only, and nobody reads those here.
  const features = at.getBigUint64(72) & ~dirtyBit;
  if (features & ~compressionTypeBit)
    throw invalid(
      `it needs features 0x${features.toString(16)} (damage, a data file of its own, or subclusters); ` +
        'make it plain with qemu-img convert -O qcow2',
    );
  if (features & compressionTypeBit && at.getUint32(100) > 104 && bytes[104] !== 0)
    throw invalid('it is compressed with zstd; make it anew with -o compression_type=zlib');
}

export function l2Entries({ clusterBits }: Qcow2Header): number {
  return 2 ** clusterBits / 8;
}

/** Where the second tables lie: [number of the first table's entry, offset in the image]. */
export function parseL1(header: Qcow2Header, table: Uint8Array): [index: number, offset: number][] {
  const at = view(table);
  const found: [number, number][] = [];
  for (let index = 0; index < header.l1Entries; index++) {
    const offset = Number(at.getBigUint64(index * 8) & offsetMask);
    if (offset !== 0) found.push([index, offset]);
  }
  return found;
}

/** The extents of one second table; what is not in it reads as zeros. */
export function parseL2(header: Qcow2Header, l1Index: number, table: Uint8Array): Extent[] {
  const at = view(table);
  const cluster = 2 ** header.clusterBits;
  const extents: Extent[] = [];
  for (let index = 0; index < l2Entries(header); index++) {
    const entry = at.getBigUint64(index * 8);
    const target = (l1Index * l2Entries(header) + index) * cluster;
    if (target >= header.virtualSize) break;
    if (entry & compressedFlag) {
      extents.push({ ...compressedPlace(header, entry), target, compressed: true });
    } else if (!(entry & zeroFlag) && (entry & offsetMask) !== 0n) {
      const length = Math.min(cluster, header.virtualSize - target);
      extents.push({ source: Number(entry & offsetMask), length, target, compressed: false });
    }
  }
  return extents;
}

/** "Compressed Clusters Descriptor": a byte offset, and how many sectors of 512 bytes follow the first. */
function compressedPlace({ clusterBits }: Qcow2Header, entry: bigint): { source: number; length: number } {
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const source = Number(entry & ((1n << offsetBits) - 1n));
  const sectors = Number((entry & (compressedFlag - 1n)) >> offsetBits) + 1;
  return { source, length: sectors * 512 - (source % 512) };
}

/** In the order of the image, neighbours made one. */
export function arrange(extents: readonly Extent[]): Extent[] {
  const sorted = [...extents].sort((a, b) => a.source - b.source);
  const arranged: Extent[] = [];
  for (const extent of sorted) {
    const last = arranged.at(-1);
    const follows =
      last &&
      !last.compressed &&
      !extent.compressed &&
      last.source + last.length === extent.source &&
      last.target + last.length === extent.target;
    if (follows) arranged[arranged.length - 1] = { ...last, length: last.length + extent.length };
    else arranged.push(extent);
  }
  return arranged;
}

function invalid(why: string): AgentError {
  return new AgentError('InvalidImage', `the qcow2 image cannot be read: ${why}`);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
