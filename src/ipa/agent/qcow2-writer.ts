import { inflateRawSync } from 'node:zlib';
import type { Disk } from './disk.ts';
import { AgentError } from './errors.ts';
import type { ImageSource } from './image-source.ts';
import { arrange, type Extent, l2Entries, parseHeader, parseL1, parseL2, type Qcow2Header } from './qcow2.ts';
import type { ImageWriter } from './write-image.ts';

/** A table as it was read before the image was streamed. */
interface Table {
  readonly source: number;
  readonly bytes: Buffer;
}

/** Where everything in a qcow2 image goes. */
export interface Qcow2Plan {
  readonly header: Qcow2Header;
  /** In the order of the image. */
  readonly extents: readonly Extent[];
  /** The tables that say so, to be found the same when the image is streamed and its checksum taken. */
  readonly tables: readonly Table[];
}

/**
 * Reads an image's tables, which may lie anywhere in it, so that its one pass can put each cluster where it belongs.
 *
 * @param head its first bytes
 */
export async function planQcow2(source: ImageSource, head: Buffer): Promise<Qcow2Plan> {
  const header = parseHeader(head);
  const l1Place = { offset: header.l1Offset, length: header.l1Entries * 8 };
  const [l1] = l1Place.length > 0 ? await source.read([l1Place]) : [Buffer.alloc(0)];
  const l1Table = whole(l1, l1Place);
  const places = parseL1(header, l1Table)
    .map(([index, offset]) => ({ index, offset, length: l2Entries(header) * 8 }))
    .sort((a, b) => a.offset - b.offset);
  const read = await source.read(places);
  const l2Tables = places.map((place, index) => ({ ...place, bytes: whole(read[index], place) }));
  return {
    header,
    extents: arrange(l2Tables.flatMap(({ index, bytes }) => parseL2(header, index, bytes))),
    tables: [
      { source: 0, bytes: head },
      { source: header.l1Offset, bytes: l1Table },
      ...l2Tables.map(({ offset, bytes }) => ({ source: offset, bytes })),
    ].sort((a, b) => a.source - b.source),
  };
}

function whole(
  bytes: Buffer | undefined,
  place: { readonly offset: number; readonly length: number },
): Buffer {
  if (bytes?.length === place.length) return bytes;
  throw new AgentError('InvalidImage', `the qcow2 image ends before its table at byte ${place.offset}`);
}

/** A piece of the image that has begun and not ended. */
type Open =
  | { readonly kind: 'plain'; readonly extent: Extent }
  | { readonly kind: 'deflated'; readonly extent: Extent; readonly parts: Buffer[] };

/** Puts an image's clusters on a disk as they pass. */
export class Qcow2Writer implements ImageWriter {
  private readonly plan: Qcow2Plan;
  private readonly disk: Disk;
  private at = 0;
  private nextExtent = 0;
  private nextTable = 0;
  private open: Open[] = [];

  constructor(plan: Qcow2Plan, disk: Disk) {
    this.plan = plan;
    this.disk = disk;
  }

  async write(chunk: Buffer): Promise<void> {
    const end = this.at + chunk.length;
    this.checkTables(chunk);
    this.begin(end);
    for (const each of this.open) {
      const { source, length, target } = each.extent;
      const from = Math.max(source, this.at);
      const piece = chunk.subarray(from - this.at, Math.min(source + length, end) - this.at);
      if (each.kind === 'plain') await this.disk.write(target + from - source, piece);
      // The piece is the reader's again when this has been dealt with.
      else each.parts.push(Buffer.from(piece));
    }
    await this.finish((extent) => extent.source + extent.length <= end);
    this.at = end;
  }

  async end(): Promise<void> {
    this.begin(this.at);
    const cut = this.open.find(({ kind }) => kind === 'plain');
    // A deflated cluster's length counts whole sectors, so the last may reach beyond the image's end.
    if (cut || this.nextExtent < this.plan.extents.length)
      throw new AgentError(
        'InvalidImage',
        `the qcow2 image ends after ${this.at} bytes, in the middle of its data`,
      );
    await this.finish(() => true);
  }

  /** Opens the extents that begin before `end`. */
  private begin(end: number): void {
    for (;;) {
      const extent = this.plan.extents[this.nextExtent];
      if (!extent || extent.source >= end) return;
      this.nextExtent++;
      this.open.push(extent.compressed ? { kind: 'deflated', extent, parts: [] } : { kind: 'plain', extent });
    }
  }

  private async finish(isComplete: (extent: Extent) => boolean): Promise<void> {
    const complete = this.open.filter(({ extent }) => isComplete(extent));
    if (complete.length === 0) return;
    this.open = this.open.filter(({ extent }) => !isComplete(extent));
    for (const each of complete) if (each.kind === 'deflated') await this.inflate(each.extent, each.parts);
  }

  private async inflate(extent: Extent, parts: Buffer[]): Promise<void> {
    const { clusterBits, virtualSize } = this.plan.header;
    const cluster = 2 ** clusterBits;
    let bytes: Buffer;
    try {
      bytes = inflateRawSync(Buffer.concat(parts), { maxOutputLength: cluster });
    } catch (error) {
      throw new AgentError('InvalidImage', `the qcow2 cluster at byte ${extent.source} does not unpack`, {
        cause: error,
      });
    }
    await this.disk.write(extent.target, bytes.subarray(0, Math.min(cluster, virtualSize - extent.target)));
  }

  /** The checksum covers what is streamed; what the plan was made from must be that too. */
  private checkTables(chunk: Buffer): void {
    const end = this.at + chunk.length;
    for (let index = this.nextTable; ; index++) {
      const table = this.plan.tables[index];
      if (!table || table.source >= end) return;
      const tableEnd = table.source + table.bytes.length;
      const from = Math.max(table.source, this.at);
      const to = Math.min(tableEnd, end);
      const passing = chunk.subarray(from - this.at, to - this.at);
      if (from < to && !passing.equals(table.bytes.subarray(from - table.source, to - table.source)))
        throw new AgentError('InvalidImage', 'the image changed while it was read');
      if (tableEnd <= end && index === this.nextTable) this.nextTable++;
    }
  }
}
