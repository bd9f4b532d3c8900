import { join } from 'node:path';
import { ramdiskPackages } from '../../ipa/ramdisk.ts';
import { cacheFolder } from '../../lab/home.ts';
import type { Progress } from '../../report/progress.ts';
import { buildDeploy, deployName, deployRecipe } from './build-deploy.ts';
import { buildOs, osName, osRecipe } from './build-os.ts';
import { osPackages } from './os-tree.ts';
import { defaultKernel, type PackageSet, packageSet } from './package-set.ts';
import { ImageStore, type StoredImage } from './store.ts';

export interface BuildOptions {
  /** A package that depends on a kernel. Default linux-image-cloud-amd64. */
  readonly kernelPackage?: string;
  /** Default $LAB_HOME/images. */
  readonly store?: ImageStore;
  /** Default the packages' folder in the lab's cache. */
  readonly packagesFolder?: string;
}

const builders: Readonly<Record<string, (store: ImageStore, packages: PackageSet) => Promise<StoredImage>>> =
  {
    [deployName]: buildDeploy,
    [osName]: buildOs,
  };

/**
 * Makes the images of the lab from the Debian packages of today; what is there already is not made again.
 *
 * @throws LabError `machine-lacks` when packages or programs are missing
 */
export async function buildImages(progress: Progress, options: BuildOptions = {}): Promise<StoredImage[]> {
  const store = options.store ?? new ImageStore();
  const packagesFolder = options.packagesFolder ?? join(cacheFolder(), 'packages');
  const names = [...new Set([...ramdiskPackages, ...osPackages])];
  const packages = await progress.step('Debian packages', () =>
    packageSet(names, options.kernelPackage ?? defaultKernel, packagesFolder),
  );
  const built: StoredImage[] = [];
  for (const [name, build] of Object.entries(builders)) {
    built.push(await progress.step(`image ${name}`, () => build(store, packages)));
  }
  return built;
}

/** The images of the lab as they are there, made first when one is missing or a newer lab would make it otherwise. */
export async function ensureImages(progress: Progress, options: BuildOptions = {}): Promise<StoredImage[]> {
  const store = options.store ?? new ImageStore();
  const known = [store.newest(deployName, await deployRecipe()), store.newest(osName, osRecipe())];
  const complete = known.flatMap((image) => image ?? []);
  if (complete.length < known.length) return buildImages(progress, { ...options, store });
  store.writeIndex();
  return complete;
}
