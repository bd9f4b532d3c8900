import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, treeDigest, writeInitramfs } from './archive.ts';
import { writeBootDisk } from './boot-disk.ts';
import { writeExt4 } from './ext4.ts';
import type { FileTree } from './file-tree.ts';
import { openKernel } from './kernel.ts';
import * as scripts from './os-scripts.ts';
import { osRamdiskTree, osTree } from './os-tree.ts';
import type { PackageSet } from './package-set.ts';
import type { ImageStore, StoredImage } from './store.ts';

export const osName = 'lab-os';

const mebibyte = 2 ** 20;
const level = 12;
/** What a fresh system has room for beside its own files. */
const roomLength = 24 * mebibyte;

/** What the kernel of the whole-disk image is told beside its root. See the conductor's `consoleArguments`. */
const kernelArguments = 'ro console=ttyS0,115200 quiet cryptomgr.notests';
/** Told apart from disks of older labs, which no UEFI firmware boots. */
const diskLayout = 'BIOS and UEFI';

/** What the lab's own code puts into the system. */
export function osRecipe(): string {
  // A bundle has the names of a module in another order than a test.
  const inOrder = Object.entries(scripts).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify(Object.fromEntries(inOrder)), kernelArguments, diskLayout);
}

/**
 * The small operating system in both forms: `disk.qcow2` boots from its own disk; `kernel`, `ramdisk` and `root.ext4`
 * are netbooted with the root file system on a partition.
 */
export async function buildOs(store: ImageStore, packages: PackageSet): Promise<StoredImage> {
  const kernel = openKernel(packages.kernelRoot);
  const root = await osTree(kernel, packages.root);
  const ramdisk = await osRamdiskTree(kernel, packages.root);
  const efiLoader = join(packages.root('systemd-boot-efi'), 'usr/lib/systemd/boot/efi/systemd-bootx64.efi');
  const digest = digestOf(
    treeDigest(root),
    treeDigest(ramdisk),
    kernel.release,
    kernelArguments,
    String(level),
    readFileSync(efiLoader, 'base64'),
    diskLayout,
  );
  const uuid = uuidFrom(digest);
  const size = Math.ceil((contentLength(root) * 1.1 + roomLength) / mebibyte) * mebibyte;
  const image = {
    kind: 'os',
    name: osName,
    id: digest.slice(0, 16),
    recipe: osRecipe(),
    facts: { kernel: kernel.release, rootUuid: uuid, rootBytes: size },
    packages: packages.versions,
  } as const;
  return store.ensure(image, async (folder) => {
    const file = (name: string) => join(folder, name);
    writeFileSync(file('kernel'), kernel.image);
    await writeInitramfs(ramdisk, file('ramdisk'), level);
    await writeExt4(root, file('root.ext4'), { uuid, label: 'lab-os', size });
    const virtualBytes = await writeBootDisk(file('disk.qcow2'), {
      kernel: file('kernel'),
      ramdisk: file('ramdisk'),
      root: file('root.ext4'),
      efiLoader,
      kernelArguments: `root=UUID=${uuid} ${kernelArguments}`,
      signature: Number.parseInt(digest.slice(0, 8), 16),
    });
    return { virtualBytes };
  });
}

function contentLength(tree: FileTree): number {
  return tree.entries().reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.content.length : 0), 0);
}

/** A UUID of version 8 (RFC 9562, 5.8): of digits that mean something to their maker. */
function uuidFrom(digest: string): string {
  const hex = createHash('sha256').update(digest).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
