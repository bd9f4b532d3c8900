import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LabError } from '../../errors.ts';
import { partitionType, writeMbr } from '../../ipa/agent/mbr.ts';
import { sectorSize } from '../../ipa/agent/partition.ts';
import { run } from '../../linux/process.ts';

const mebibyte = 2 ** 20;
const bootCode = '/usr/lib/syslinux/mbr/mbr.bin';
/** 2000-01-01 for mtools and syslinux, which would take the clock. */
const env = { SOURCE_DATE_EPOCH: '946684800', TZ: 'UTC', LC_ALL: 'C', MTOOLS_SKIP_CHECK: '1' };

export interface BootDiskOptions {
  /** Files on the machine that builds. */
  readonly kernel: string;
  readonly ramdisk: string;
  readonly root: string;
  /** A boot loader for UEFI firmware that reads the Boot Loader Specification's entries: systemd-boot. */
  readonly efiLoader: string;
  readonly kernelArguments: string;
  /** A number of 32 bits: the disk's signature and the boot partition's serial number. */
  readonly signature: number;
}

/**
 * Makes a qcow2 disk that a PC's firmware boots, BIOS or UEFI: a partition with syslinux, systemd-boot, kernel and
 * ramdisk, and one with the root file system. Nothing is mounted and nobody need be root; the same inputs give the same bytes.
 *
 * @returns the disk's size in bytes
 * @throws LabError `machine-lacks` when syslinux or mtools are missing
 */
export async function writeBootDisk(file: string, options: BootDiskOptions): Promise<number> {
  const folder = mkdtempSync(join(dirname(file), '.disk-'));
  try {
    const boot = await writeBootPartition(folder, options);
    const bootSize = statSync(boot).size;
    const rootSize = statSync(options.root).size;
    const bootStart = mebibyte;
    const rootStart = bootStart + bootSize;
    const partition = (start: number, size: number) => ({
      start: start / sectorSize,
      sectors: size / sectorSize,
    });
    const record = writeMbr(readBootCode(), options.signature, [
      { ...partition(bootStart, bootSize), type: partitionType.efiSystem, bootable: true },
      { ...partition(rootStart, rootSize), type: partitionType.linux, bootable: false },
    ]);
    const raw = join(folder, 'raw');
    const size = rootStart + rootSize;
    writeFileSync(raw, record);
    truncateSync(raw, size);
    await copyInto(raw, boot, bootStart);
    await copyInto(raw, options.root, rootStart);
    await run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, file], { timeoutMs: 120_000 });
    return size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A FAT file system with syslinux on it. */
async function writeBootPartition(folder: string, options: BootDiskOptions): Promise<string> {
  const file = join(folder, 'boot');
  const content = statSync(options.kernel).size + statSync(options.ramdisk).size;
  const size = (Math.ceil(content / mebibyte) + 2) * mebibyte;
  const serial = options.signature.toString(16).padStart(8, '0');
  const config = join(folder, 'syslinux.cfg');
  writeFileSync(file, '');
  truncateSync(file, size);
  writeFileSync(config, syslinuxConfig(options.kernelArguments));
  // 63 sectors and 255 heads are what a BIOS says of a large disk; -H tells where the partition begins on it.
  const geometry = [
    '-s',
    '63',
    '-h',
    '255',
    '-T',
    String(size / sectorSize),
    '-H',
    String(mebibyte / sectorSize),
  ];
  await run(['mformat', '-i', file, '-v', 'LAB-BOOT', '-N', serial, ...geometry, '::'], { env });
  await run(['syslinux', '--install', file], { env });
  await run(['mcopy', '-i', file, options.kernel, '::/vmlinuz'], { env });
  await run(['mcopy', '-i', file, options.ramdisk, '::/initrd'], { env });
  await run(['mcopy', '-i', file, config, '::/syslinux.cfg'], { env });
  await addEfiLoader(folder, file, options);
  return file;
}

/** What UEFI firmware looks for on a disk that it knows nothing of (UEFI 3.5.1.1), and the loader's one entry. */
async function addEfiLoader(folder: string, file: string, options: BootDiskOptions): Promise<void> {
  const [loader, entry] = [join(folder, 'loader.conf'), join(folder, 'entry.conf')];
  writeFileSync(loader, 'timeout 0\neditor no\n');
  writeFileSync(entry, `title linux\nlinux /vmlinuz\ninitrd /initrd\noptions ${options.kernelArguments}\n`);
  const folders = ['::/EFI', '::/EFI/BOOT', '::/loader', '::/loader/entries'];
  await run(['mmd', '-i', file, ...folders], { env });
  await run(['mcopy', '-i', file, options.efiLoader, '::/EFI/BOOT/BOOTX64.EFI'], { env });
  await run(['mcopy', '-i', file, loader, '::/loader/loader.conf'], { env });
  await run(['mcopy', '-i', file, entry, '::/loader/entries/linux.conf'], { env });
}

function syslinuxConfig(kernelArguments: string): string {
  return [
    'DEFAULT linux',
    'PROMPT 0',
    'LABEL linux',
    '  LINUX /vmlinuz',
    '  INITRD /initrd',
    `  APPEND ${kernelArguments}`,
    '',
  ].join('\n');
}

function readBootCode(): Uint8Array {
  try {
    return readFileSync(bootCode);
  } catch (cause) {
    throw new LabError('machine-lacks', `${bootCode} is missing, with which a disk boots`, {
      remedy: 'sudo apt-get install syslinux syslinux-common',
      cause,
    });
  }
}

/** Writes a file into a larger one, leaving its holes as they are. */
async function copyInto(target: string, source: string, offset: number): Promise<void> {
  const [from, to] = [await open(source, 'r'), await open(target, 'r+')];
  try {
    const piece = Buffer.alloc(mebibyte);
    for (let at = 0; ; ) {
      const { bytesRead } = await from.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      const bytes = piece.subarray(0, bytesRead);
      if (bytes.some((byte) => byte !== 0)) await to.write(bytes, 0, bytesRead, offset + at);
      at += bytesRead;
    }
  } finally {
    await from.close();
    await to.close();
  }
}
