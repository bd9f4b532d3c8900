import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { deployName } from './build-deploy.ts';
import { osName } from './build-os.ts';
import { probeImage } from './probe.ts';
import type { ImageStore, StoredImage } from './store.ts';

/**
 * Takes a user's own whole-disk image into the store, where nothing changes it any more. It is called by its file's
 * name. The same file again is found there.
 *
 * @throws LabError `usage` when it is no image that boots from a disk
 */
export async function importImage(store: ImageStore, file: string): Promise<StoredImage> {
  const { format, virtualBytes } = await probeImage(file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const stem = basename(file)
    .replace(/\.(qcow2|raw|img)$/i, '')
    .replace(/[^A-Za-z0-9._-]/g, '_');
  // The lab's own keep their names.
  const name = stem === deployName || stem === osName ? `my-${stem}` : stem;
  const image = {
    kind: 'user',
    name,
    id: hash.digest('hex').slice(0, 16),
    recipe: '',
    facts: { virtualBytes, from: file },
    packages: {},
  } as const;
  // Where the file system can, the copy shares its blocks.
  return store.ensure(image, async (folder) => {
    await copyFile(file, join(folder, `disk.${format}`), constants.COPYFILE_FICLONE);
    return undefined;
  });
}
