import { basename } from 'node:path';
import type { ImageIndex, PartitionImage, WholeDiskImage } from '../deploy/image-files.ts';
import type { StoredImage } from './store.ts';

/**
 * The index by which conductors find images: of each name the newest, paths relative to the images' folder.
 *
 * @param images the newest first
 * @returns undefined while there is no deploy ramdisk
 */
export function imageIndex(images: readonly StoredImage[]): ImageIndex | undefined {
  const deploy = images.find(({ kind }) => kind === 'deploy');
  if (!deploy) return undefined;
  const byName = new Map<string, StoredImage>();
  for (const image of images)
    if (image.kind !== 'deploy' && !byName.has(image.name)) byName.set(image.name, image);
  const path = (name: string) => pathOf(deploy, name);
  return {
    deploy: { kernel: path('kernel'), agent: path('ramdisk'), iscsi: path('ramdisk-iscsi') },
    images: Object.fromEntries(
      [...byName].map(([name, image]) => {
        const [wholeDisk, partition] = [wholeDiskOf(image), partitionOf(image)];
        return [name, { ...(wholeDisk ? { wholeDisk } : {}), ...(partition ? { partition } : {}) }];
      }),
    ),
  };
}

function wholeDiskOf(image: StoredImage): WholeDiskImage | undefined {
  const file = image.files.find(({ name }) => name === 'disk.qcow2' || name === 'disk.raw');
  if (!file) return undefined;
  return {
    kind: 'whole-disk',
    file: pathOf(image, file.name),
    format: file.name === 'disk.raw' ? 'raw' : 'qcow2',
    sha256: file.sha256,
    ...(file.sha512 ? { sha512: file.sha512 } : {}),
    md5: file.md5,
    virtualBytes: Number(image.facts.virtualBytes ?? 0),
  };
}

function partitionOf(image: StoredImage): PartitionImage | undefined {
  const root = image.files.find(({ name }) => name === 'root.ext4');
  if (!root) return undefined;
  const path = (name: string) => pathOf(image, name);
  return {
    kind: 'partition',
    kernel: path('kernel'),
    ramdisk: path('ramdisk'),
    file: path(root.name),
    sha256: root.sha256,
  };
}

function pathOf({ folder }: StoredImage, name: string): string {
  return `${basename(folder)}/${name}`;
}
