import { statSync } from 'node:fs';
import type { ImageFiles } from '../../ironic/deploy/image-files.ts';
import { derivedUuid } from '../../topology/ids.ts';
import type { CloudImage } from '../cloud.ts';

/**
 * The images as Glance lists them: of an operating system its disk, or the root partition that a PXE driver writes,
 * and the kernel and ramdisk that deploy (types qcow2, raw, ami, aki and ari of Glance's v1 API).
 */
export function imagesOf(files: ImageFiles): CloudImage[] {
  const { deploy, images } = files.index();
  const image = (name: string, file: string, format: string, container = format): CloudImage => ({
    id: derivedUuid('image', name, file),
    name,
    disk_format: format,
    container_format: container,
    size: statSync(files.path(file)).size,
    status: 'active',
  });
  return [
    ...Object.entries(images).flatMap(([name, { wholeDisk, partition }]) => {
      if (wholeDisk) return [image(name, wholeDisk.file, wholeDisk.format, 'bare')];
      return partition ? [image(name, partition.file, 'ami')] : [];
    }),
    image('lab-deploy.kernel', deploy.kernel, 'aki'),
    image('lab-deploy.initramfs', deploy.agent, 'ari'),
  ];
}
