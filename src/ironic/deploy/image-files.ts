import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';

/** The kernel and the ramdisks that deploy a node. */
export interface DeployRamdisk {
  readonly kernel: string;
  /** The ramdisk with the agent. */
  readonly agent: string;
  /** The ramdisk that exports its disk by iSCSI; a sixth of the other, for it needs no node. */
  readonly iscsi: string;
}

/** A whole-disk image, which boots from its own disk. */
export interface WholeDiskImage {
  readonly kind: 'whole-disk';
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  readonly sha256: string;
  readonly sha512?: string;
  readonly md5: string;
  /** What it takes on the disk, in bytes. */
  readonly virtualBytes: number;
}

/** A root file system with the kernel and ramdisk that boot into it. */
export interface PartitionImage {
  readonly kind: 'partition';
  readonly kernel: string;
  readonly ramdisk: string;
  readonly file: string;
  /** The root file system's. */
  readonly sha256: string;
}

/** What the conductor needs of the images: a folder with an `images.json`, paths relative to it. */
export interface ImageIndex {
  readonly deploy: DeployRamdisk;
  readonly images: Readonly<
    Record<string, { readonly wholeDisk?: WholeDiskImage; readonly partition?: PartitionImage }>
  >;
}

/** Finds images by name in the folder that the lab's own command has filled. */
export class ImageFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws LabError `lab-failed` while no image was built */
  index(): ImageIndex {
    try {
      return JSON.parse(readFileSync(join(this.folder, 'images.json'), 'utf8')) as ImageIndex;
    } catch (cause) {
      throw new LabError('lab-failed', 'there are no images in this lab', {
        remedy: 'lab image build',
        cause,
      });
    }
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  deployRamdisk(): DeployRamdisk {
    return this.index().deploy;
  }

  wholeDisk(name: string): WholeDiskImage {
    const image = this.index().images[name]?.wholeDisk;
    if (image) return image;
    throw new LabError('usage', `there is no whole-disk image "${name}"`, { remedy: 'lab image list' });
  }

  /**
   * What a PXE driver writes: a root partition, whose kernel and ramdisk come over the network, or, where an image has
   * none, a whole disk.
   */
  overIscsi(name: string): PartitionImage | WholeDiskImage {
    return this.index().images[name]?.partition ?? this.wholeDisk(name);
  }
}
