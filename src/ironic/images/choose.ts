import { statSync } from 'node:fs';
import type { Progress } from '../../report/progress.ts';
import { type BuildOptions, ensureImages } from './build.ts';
import { osName } from './build-os.ts';
import { importImage } from './import.ts';
import { ImageStore } from './store.ts';

/**
 * The name of the image that a user means, made ready together with the deploy ramdisk: a name of `lab image list`,
 * a file, which is taken in, or nothing for the lab's own system.
 *
 * @throws LabError `usage` when there is no such image, or when no disk boots from the file
 */
export async function chooseImage(
  which: string | undefined,
  progress: Progress,
  options: BuildOptions = {},
): Promise<string> {
  const store = options.store ?? new ImageStore();
  await ensureImages(progress, { ...options, store });
  if (which === undefined) return osName;
  const isName = store.list().some(({ name }) => name === which);
  if (!isName && statSync(which, { throwIfNoEntry: false })?.isFile())
    return (await progress.step(`image ${which}`, () => importImage(store, which))).name;
  return store.get(which).name;
}
