import { join } from 'node:path';
import { buildImages } from '../../../src/ironic/images/build.ts';
import { ImageStore, type StoredImage } from '../../../src/ironic/images/store.ts';
import { ProgressLog } from '../../../src/report/progress.ts';

/** Kept between runs, as a user's are. */
const cache = join(import.meta.dirname, '../../../node_modules/.cache/lab-test');

/** Debian packages, unpacked. */
export const packagesFolder = join(cache, 'packages');

/** The lab's images, made when the last run's are not those of today. */
export async function builtImages(): Promise<{ deploy: StoredImage; os: StoredImage }> {
  const store = new ImageStore(join(cache, 'images'));
  const [deploy, os] = await buildImages(new ProgressLog(), {
    store,
    packagesFolder: join(cache, 'packages'),
  });
  if (!deploy || !os) throw new Error('an image is missing');
  return { deploy, os };
}
