import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteDisk } from '../../ipa/agent/disk.ts';
import { sectorSize } from '../../ipa/agent/partition.ts';
import { run } from '../../linux/process.ts';

/** The ramdisk's disk as it exports it. */
export interface IscsiTarget {
  readonly address: string;
  readonly iqn: string;
  /** Default 3260. */
  readonly port?: number;
}

const standardPort = 3260;

const copyTimeoutMs = 600_000;

/** A disk that a ramdisk exports as LUN 1, read and written by qemu-img, which needs no root for it. */
export class IscsiDisk implements ByteDisk {
  readonly name: string;
  readonly size: number;
  private readonly target: IscsiTarget;

  private constructor(target: IscsiTarget, name: string, size: number) {
    this.target = target;
    this.name = name;
    this.size = size;
  }

  /** @throws LabError `lab-failed` when the target does not answer */
  static async open(target: IscsiTarget): Promise<IscsiDisk> {
    const url = `iscsi://${portalOf(target)}/${target.iqn}/1`;
    const { stdout } = await run(['qemu-img', 'info', '--output=json', '-f', 'raw', url]);
    return new IscsiDisk(target, url, (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size']);
  }

  read(offset: number, length: number): Promise<Buffer> {
    const first = Math.floor(offset / sectorSize) * sectorSize;
    const end = Math.min(Math.ceil((offset + length) / sectorSize) * sectorSize, this.size);
    return inFolder(async (folder) => {
      const file = join(folder, 'bytes');
      const source = this.stretch(first, end - first);
      await run(['qemu-img', 'convert', '--image-opts', '-O', 'raw', source, file]);
      return readFileSync(file).subarray(offset - first, offset - first + length);
    });
  }

  /** Whole sectors are written: what shares one with these bytes is read first. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const first = Math.floor(offset / sectorSize) * sectorSize;
    const length = Math.ceil((offset + bytes.length - first) / sectorSize) * sectorSize;
    const isWhole = first === offset && length === bytes.length;
    const sectors = isWhole ? bytes : await this.read(first, length);
    if (!isWhole) Buffer.from(sectors.buffer, sectors.byteOffset, length).set(bytes, offset - first);
    await inFolder(async (folder) => {
      const file = join(folder, 'bytes');
      writeFileSync(file, sectors);
      await this.copy(file, 'raw', first, length);
    });
  }

  /** Writes an image from an offset on: what a guest of it would read. `length` is that, in bytes. */
  async copy(image: string, format: 'raw' | 'qcow2', offset: number, length: number): Promise<void> {
    const target = ['--target-image-opts', image, this.stretch(offset, length)];
    // It leaves the target's cache alone unless it is told to, and a node may be powered off right after.
    const flushing = ['-t', 'writeback'];
    // It ends with its conductor: the next one writes the image again, from the start.
    const withUs = ['setpriv', '--pdeathsig', 'KILL', '--'];
    await run([...withUs, 'qemu-img', 'convert', '-n', ...flushing, '-f', format, ...target], {
      timeoutMs: copyTimeoutMs,
    });
  }

  async sync(): Promise<void> {
    // Each write ends with a flush.
  }

  private stretch(offset: number, size: number): string {
    return [
      'driver=raw',
      `offset=${offset}`,
      `size=${size}`,
      'file.driver=iscsi',
      'file.transport=tcp',
      `file.portal=${portalOf(this.target)}`,
      `file.target=${this.target.iqn}`,
      'file.lun=1',
    ].join(',');
  }
}

function portalOf({ address, port = standardPort }: IscsiTarget): string {
  return `${address}:${port}`;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'iscsi-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
