import { LabError } from '../../errors.ts';
import { dependenciesOf, findPackages, type UnpackedPackage, unpackPackages } from './debian-packages.ts';

/** The package whose newest kernel is taken: small, and made for virtual machines. */
export const defaultKernel = 'linux-image-cloud-amd64';

/** Debian packages, unpacked in the cache. */
export interface PackageSet {
  /** The folder of the kernel's package. */
  readonly kernelRoot: string;
  /** The folder of a package by its name. */
  readonly root: (name: string) => string;
  /** Version by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Brings packages and a kernel into the cache.
 *
 * @param kernelPackage a package that depends on the newest kernel of its kind, such as linux-image-amd64
 * @param cache the folder of unpacked packages
 */
export async function packageSet(
  names: readonly string[],
  kernelPackage: string,
  cache: string,
): Promise<PackageSet> {
  if (process.arch !== 'x64')
    throw new LabError('machine-lacks', `images are made for x86_64, and this machine is ${process.arch}`);
  const kernelName = (await dependenciesOf(kernelPackage)).find((each) => each.startsWith('linux-image-'));
  if (!kernelName) throw new LabError('usage', `the package ${kernelPackage} does not name a kernel`);
  const unpacked = await unpackPackages(await findPackages([...new Set([kernelName, ...names])]), cache);
  const root = (name: string) => rootOf(unpacked, name);
  const versions = Object.fromEntries(
    [...unpacked.values()].map(({ name, version }) => [name, version]).sort(),
  );
  return { kernelRoot: root(kernelName), root, versions };
}

function rootOf(unpacked: ReadonlyMap<string, UnpackedPackage>, name: string): string {
  const found = unpacked.get(name);
  if (!found) throw new Error(`the package ${name} was not asked for`);
  return found.root;
}
