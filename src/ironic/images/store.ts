import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../errors.ts';
import { imagesFolder } from '../../lab/home.ts';
import { makeDraftFolder, sweepDraftFolders } from '../../linux/draft-folder.ts';
import { writeFileAtomic } from '../../linux/files.ts';
import { takeLock } from '../../linux/lock.ts';
import { imageIndex } from './image-index.ts';

/** `deploy`: kernel and ramdisks that deploy a node; `os`: an operating system of the lab; `user`: of a user. */
export type ImageKind = 'deploy' | 'os' | 'user';

export interface ImageFile {
  /** Its name in the image's folder, which says what it is: `kernel`, `ramdisk`, `disk.qcow2` … */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly md5: string;
  readonly sha256: string;
  /** Missing in images of labs before it was taken. */
  readonly sha512?: string;
}

/** An image in the store. It never changes: other inputs make another image. */
export interface Image {
  readonly version: 1;
  readonly kind: ImageKind;
  readonly name: string;
  /** The first 16 digits of a SHA-256 over all that it was made from. */
  readonly id: string;
  /** ISO 8601. */
  readonly made: string;
  /** What the lab's own code put into it, as a SHA-256: tells whether a newer lab would make it otherwise. */
  readonly recipe: string;
  /** Facts about it, such as the kernel's release, a root's UUID or the disk's size. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Debian packages with their versions. */
  readonly packages: Readonly<Record<string, string>>;
  readonly files: readonly ImageFile[];
}

export interface StoredImage extends Image {
  readonly folder: string;
}

/** Images by name and content, each in a folder of its own that appears when it is complete. */
export class ImageStore {
  readonly folder: string;

  constructor(folder = imagesFolder()) {
    this.folder = folder;
  }

  /** The newest first. What killed commands have left half-made is removed. */
  list(): StoredImage[] {
    if (!existsSync(this.folder)) return [];
    sweepDraftFolders(this.folder);
    const found = readdirSync(this.folder).flatMap((entry) => {
      const folder = join(this.folder, entry);
      const file = join(folder, 'image.json');
      if (entry.startsWith('.') || !existsSync(file)) return [];
      const image = JSON.parse(readFileSync(file, 'utf8')) as Image;
      return image.version === 1 ? [{ ...image, folder }] : [];
    });
    return found.sort((a, b) => (a.made < b.made ? 1 : a.made > b.made ? -1 : 0));
  }

  /** The newest image of a name, of that recipe where one is given. */
  newest(name: string, recipe?: string): StoredImage | undefined {
    return this.list().find(
      (image) => image.name === name && (recipe === undefined || image.recipe === recipe),
    );
  }

  /**
   * @param which a name (its newest image) or the beginning of an id
   * @throws LabError `usage` that lists what is there
   */
  get(which: string): StoredImage {
    const images = this.list();
    const byName = images.find(({ name }) => name === which);
    const byId = images.filter(({ id }) => which.length >= 4 && id.startsWith(which));
    const found = byName ?? (byId.length === 1 ? byId[0] : undefined);
    if (found) return found;
    const known = images.map(({ name, id }) => `${name} (${id})`).join(', ') || 'none yet';
    throw new LabError('usage', `there is no image ${which}; there are: ${known}`, {
      remedy: '`lab image build` makes the images of the lab',
    });
  }

  remove({ folder }: StoredImage): void {
    rmSync(folder, { recursive: true, force: true });
    this.writeIndex();
  }

  /** Tells conductors what there is, in the words of this lab: an older one may have told less. */
  writeIndex(): void {
    const index = imageIndex(this.list());
    const file = join(this.folder, 'images.json');
    const text = index && `${JSON.stringify(index, undefined, 2)}\n`;
    if (text === undefined) rmSync(file, { force: true });
    else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileAtomic(file, text, 0o644);
  }

  /**
   * The image of these inputs, made when it is not there. Others that want the same one wait for it.
   *
   * @param make writes the image's files into a folder, and may answer facts that only then are known
   */
  async ensure(
    image: Omit<Image, 'version' | 'made' | 'files'>,
    make: (folder: string) => Promise<Image['facts'] | undefined>,
  ): Promise<StoredImage> {
    const folder = join(this.folder, `${image.name}-${image.id}`);
    const lock = await takeLock(`image ${folder}`);
    try {
      const known = this.list().find((each) => each.folder === folder);
      if (known) {
        if (known.recipe === image.recipe) return known;
        // Made otherwise, it has become the same.
        const { folder: _, ...rest } = { ...known, recipe: image.recipe };
        writeFileAtomic(join(folder, 'image.json'), `${JSON.stringify(rest, undefined, 2)}\n`);
        return { ...rest, folder };
      }
      const making = makeDraftFolder(this.folder, 'making');
      try {
        const facts = { ...image.facts, ...(await make(making)) };
        const files = await Promise.all(
          readdirSync(making)
            .sort()
            .map((name) => describe(making, name)),
        );
        const complete: Image = { version: 1, ...image, facts, made: new Date().toISOString(), files };
        writeFileAtomic(join(making, 'image.json'), `${JSON.stringify(complete, undefined, 2)}\n`);
        rmSync(folder, { recursive: true, force: true });
        renameSync(making, folder);
        this.writeIndex();
        return { ...complete, folder };
      } finally {
        rmSync(making, { recursive: true, force: true });
      }
    } finally {
      lock.release();
    }
  }
}

async function describe(folder: string, name: string): Promise<ImageFile> {
  const path = join(folder, name);
  const [md5, sha256, sha512] = [createHash('md5'), createHash('sha256'), createHash('sha512')];
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) for (const hash of [md5, sha256, sha512]) hash.update(chunk);
  });
  return {
    name,
    size: statSync(path).size,
    md5: md5.digest('hex'),
    sha256: sha256.digest('hex'),
    sha512: sha512.digest('hex'),
  };
}
