import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { parsePartitionTable } from '../../ipa/agent/partition-table.ts';
import { scratchFolder } from '../../lab/scratch.ts';
import { run } from '../../linux/process.ts';

/** What an image file of a user is. */
export interface ProbedImage {
  readonly format: 'qcow2' | 'raw';
  /** What it takes on the disk, in bytes. */
  readonly virtualBytes: number;
}

interface QemuImageInfo {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
  readonly encrypted?: boolean;
  readonly 'format-specific'?: {
    readonly data?: {
      readonly 'compression-type'?: string;
      readonly 'extended-l2'?: boolean;
      readonly 'data-file'?: string;
    };
  };
}

/**
 * Asks qemu-img what a file is, and whether the agent can write it to a disk that then boots.
 *
 * @throws LabError `usage` that says why not, and how to make it so
 */
export async function probeImage(file: string): Promise<ProbedImage> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new LabError('usage', `there is no image file ${file}`);
  const { stdout } = await run(['qemu-img', 'info', '--output=json', file]);
  const info = JSON.parse(stdout) as QemuImageInfo;
  const { format } = info;
  if (format !== 'qcow2' && format !== 'raw')
    throw unusable(file, `is a ${format} image, neither qcow2 nor raw`);
  const reason = unusableReason(info);
  if (reason) throw unusable(file, reason);
  if (!parsePartitionTable(await firstBytes(file, format)))
    throw new LabError(
      'usage',
      `${file} holds no partition table, so no disk that it is written to can boot`,
    );
  return { format, virtualBytes: info['virtual-size'] };
}

function unusableReason(info: QemuImageInfo): string | undefined {
  const data = info['format-specific']?.data;
  if (info['backing-filename']) return `lies on top of another image, ${info['backing-filename']}`;
  if (info.encrypted) return 'is encrypted';
  if (data?.['data-file']) return 'keeps its data in another file';
  if (data?.['extended-l2']) return 'has subclusters (extended_l2)';
  if (data?.['compression-type'] === 'zstd')
    return 'is compressed with zstd, which the agent does not unpack';
  return undefined;
}

function unusable(file: string, why: string): LabError {
  return new LabError('usage', `${file} ${why}`, {
    remedy: `qemu-img convert -O qcow2 ${file} new.qcow2, and give that`,
  });
}

async function firstBytes(file: string, format: string): Promise<Buffer> {
  const folder = mkdtempSync(join(scratchFolder(), 'probe-'));
  try {
    const start = join(folder, 'start');
    await run([
      'qemu-img',
      'dd',
      '-f',
      format,
      '-O',
      'raw',
      'bs=64k',
      'count=1',
      `if=${file}`,
      `of=${start}`,
    ]);
    return readFileSync(start);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
