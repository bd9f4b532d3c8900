import { createHash, type Hash } from 'node:crypto';
import type { Disk } from './disk.ts';
import { AgentError, asAgentError } from './errors.ts';
import type { ImageInfo } from './image-info.ts';
import { ImageSource } from './image-source.ts';
import { log } from './log.ts';
import { headerLength, isQcow2 } from './qcow2.ts';
import { planQcow2, type Qcow2Plan, Qcow2Writer } from './qcow2-writer.ts';

export interface Written {
  /** What came over the network, in bytes. */
  readonly received: number;
  /** The part of the disk that the image describes, in bytes. */
  readonly size: number;
  readonly ms: number;
}

/** Takes the image's bytes in their order. */
export interface ImageWriter {
  write(chunk: Buffer): Promise<void>;
  /** The image has ended. */
  end(): Promise<void>;
}

const attempts = 3;
const firstPauseMs = 250;
/** What a partition table, its copy, or the label of a file system or RAID may occupy at a disk's ends. */
const endsLength = 2 ** 20;

/**
 * Streams an image over HTTP to a disk, checking its checksum as it passes; it is never held in memory. A URL that
 * fails is followed by the next, and all are tried again; a checksum that is wrong is final.
 *
 * @throws AgentError ImageDownloadError, ImageChecksumError, ImageWriteError, InvalidImage
 */
export async function writeImage(info: ImageInfo, disk: Disk, insecure = false): Promise<Written> {
  for (let attempt = 0; ; attempt++) {
    const url = info.urls[attempt % info.urls.length] ?? '';
    try {
      return await writeFrom(new ImageSource(info.id, url, insecure), info, disk);
    } catch (error) {
      const failure = asAgentError(error, 'ImageWriteError');
      const isLast = attempt + 1 >= Math.max(attempts, info.urls.length);
      if (failure.type !== 'ImageDownloadError' || isLast) throw failure;
      log(`${failure.details}; trying again`);
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
    }
  }
}

async function writeFrom(source: ImageSource, info: ImageInfo, disk: Disk): Promise<Written> {
  const start = performance.now();
  const [head = Buffer.alloc(0)] = await source.read([{ offset: 0, length: headerLength }]);
  const format = isQcow2(head) ? 'qcow2' : 'raw';
  if (info.format && info.format !== format)
    throw new AgentError('InvalidImage', `image ${info.id} is said to be ${info.format} and is ${format}`);
  const plan = format === 'qcow2' ? await planQcow2(source, head) : undefined;
  const { size: told, body } = await source.open();
  const size = plan?.header.virtualSize ?? told;
  log(
    `image ${info.id}: ${format}, ${told ?? 'unknown'} bytes from ${source.url}, ${size ?? 'unknown'} on the disk`,
  );
  if (size !== undefined && size > disk.size) throw tooLarge(info, size, disk);
  await prepare(disk, plan);
  const writer = plan ? new Qcow2Writer(plan, disk) : new RawWriter(disk);
  const { received, digest } = await pump(body, writer, createHash(info.checksum.algorithm), told, start);
  if (digest !== info.checksum.value) throw wrongChecksum(info, source, digest);
  await disk.sync();
  return { received, size: size ?? received, ms: performance.now() - start };
}

/** What an older system left must not show through: not in the image's holes, and not at the disk's ends. */
async function prepare(disk: Disk, plan: Qcow2Plan | undefined): Promise<void> {
  await disk.zero(0, Math.max(endsLength, plan?.header.virtualSize ?? 0));
  await disk.zero(Math.max(0, disk.size - endsLength), endsLength);
}

class RawWriter implements ImageWriter {
  private readonly disk: Disk;
  private at = 0;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  async write(chunk: Buffer): Promise<void> {
    await this.disk.write(this.at, chunk);
    this.at += chunk.length;
  }

  async end(): Promise<void> {
    // Every byte was written as it came.
  }
}

async function pump(
  body: AsyncIterable<Buffer>,
  writer: ImageWriter,
  hash: Hash,
  told: number | undefined,
  start: number,
): Promise<{ received: number; digest: string }> {
  let received = 0;
  let tenths = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    await writer.write(chunk);
    received += chunk.length;
    if (!told || Math.floor((10 * received) / told) === tenths) continue;
    tenths = Math.floor((10 * received) / told);
    log(`image: ${tenths * 10} % written, ${megabytesPerSecond(received, performance.now() - start)} MB/s`);
  }
  await writer.end();
  return { received, digest: hash.digest('hex') };
}

/** Megabytes of 10^6 bytes. */
export function megabytesPerSecond(bytes: number, ms: number): string {
  return (bytes / 1000 / Math.max(ms, 1)).toFixed(1);
}

function tooLarge(info: ImageInfo, size: number, disk: Disk): AgentError {
  return new AgentError(
    'ImageWriteError',
    `image ${info.id} needs ${size} bytes, and the disk ${disk.name} has ${disk.size}`,
  );
}

function wrongChecksum({ id, checksum }: ImageInfo, source: ImageSource, digest: string): AgentError {
  return new AgentError(
    'ImageChecksumError',
    `Image failed to verify against checksum. location: ${source.url}; image ID: ${id}; image checksum: ` +
      `${checksum.value}; verification checksum: ${digest} (${checksum.algorithm})`,
  );
}
