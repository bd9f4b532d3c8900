import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { makeDraftFolder, sweepDraftFolders } from '../../linux/draft-folder.ts';
import { takeLock } from '../../linux/lock.ts';
import { run } from '../../linux/process.ts';

/** A package of Debian as its lists name it today. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the .deb, hexadecimal: the address of its content. */
  readonly sha256: string;
}

/** A package unpacked in the cache. */
export interface UnpackedPackage extends DebianPackage {
  /** The folder that holds its files as if it were /. */
  readonly root: string;
}

const downloadMs = 10 * 60_000;

/**
 * Looks packages up in the machine's package lists; nothing is fetched.
 *
 * @throws LabError `machine-lacks` when the lists are missing or know no such package
 */
export async function findPackages(names: readonly string[]): Promise<DebianPackage[]> {
  const { stdout } = await apt(['apt-get', 'download', '--print-uris', ...names], names);
  const found = parseUris(stdout);
  return names.map((name) => {
    const each = found.get(name);
    if (!each) throw packageMissing([name], `apt-get knows no download of ${name}`);
    return each;
  });
}

/** What `apt-get download --print-uris` prints: 'URI' FILE SIZE SHA256:SUM, the file NAME_VERSION_ARCH.deb. */
export function parseUris(output: string): Map<string, DebianPackage> {
  const packages = new Map<string, DebianPackage>();
  for (const line of output.split('\n')) {
    const match = /^'[^']*' (?<name>[^_ ]+)_(?<version>[^_ ]+)_\S+ \d+ SHA256:(?<sha256>[0-9a-f]{64})$/.exec(
      line,
    );
    const { name, version, sha256 } = match?.groups ?? {};
    if (name && version && sha256) packages.set(name, { name, version: decodeURIComponent(version), sha256 });
  }
  return packages;
}

/** The names that a package depends on, in the order of its Depends field; alternatives give their first. */
export async function dependenciesOf(name: string): Promise<string[]> {
  const { stdout } = await apt(['apt-cache', 'show', '--no-all-versions', name], [name]);
  return parseDepends(stdout);
}

export function parseDepends(stanza: string): string[] {
  const field = /^Depends: (.*)$/m.exec(stanza)?.[1] ?? '';
  return field.split(/,\s*/).flatMap((each) => /^[a-z0-9][a-z0-9+.-]+/.exec(each)?.[0] ?? []);
}

/**
 * Brings packages into the cache, each unpacked in a folder named by its content. Nothing is installed, and no
 * root is needed. What is there already is not fetched again.
 *
 * @param cache the folder of unpacked packages
 */
export async function unpackPackages(
  wanted: readonly DebianPackage[],
  cache: string,
): Promise<Map<string, UnpackedPackage>> {
  sweepDraftFolders(cache);
  const missing = () => wanted.filter((each) => !existsSync(join(cache, each.sha256)));
  if (missing().length > 0) {
    // Builds beside this one want the same packages.
    const lock = await takeLock(`packages ${cache}`);
    try {
      const left = missing();
      if (left.length > 0) await fetchAndUnpack(left, cache);
    } finally {
      lock.release();
    }
  }
  return new Map(wanted.map((each) => [each.name, { ...each, root: join(cache, each.sha256) }]));
}

async function fetchAndUnpack(missing: readonly DebianPackage[], cache: string): Promise<void> {
  const folder = makeDraftFolder(cache, 'fetch');
  try {
    const names = missing.map(({ name, version }) => `${name}=${version}`);
    await apt(['apt-get', 'download', '--quiet', ...names], names, folder);
    const bySum = new Map<string, string>();
    for (const file of readdirSync(folder)) {
      const path = join(folder, file);
      bySum.set(createHash('sha256').update(readFileSync(path)).digest('hex'), path);
    }
    for (const { name, sha256 } of missing) {
      const deb = bySum.get(sha256);
      if (!deb) throw new LabError('lab-failed', `what was fetched as ${name} is not what the lists promise`);
      const unpacked = join(folder, sha256);
      await run(['dpkg-deb', '-x', deb, unpacked], { timeoutMs: downloadMs });
      renameSync(unpacked, join(cache, sha256));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function apt(argv: readonly string[], names: readonly string[], cwd?: string) {
  try {
    const options = { timeoutMs: downloadMs, env: { LC_ALL: 'C' }, ...(cwd ? { cwd } : {}) };
    return await run(argv, options);
  } catch (error) {
    if (error instanceof LabError && error.code === 'machine-lacks') {
      throw new LabError(
        'machine-lacks',
        'images are made from Debian packages, and this machine has no apt',
        {
          remedy: 'build the images on a Debian machine',
          cause: error,
        },
      );
    }
    throw packageMissing(names, error instanceof Error ? error.message : String(error), error);
  }
}

function packageMissing(names: readonly string[], seen: string, cause?: unknown): LabError {
  return new LabError('machine-lacks', `could not get the Debian packages ${names.join(' ')}: ${seen}`, {
    remedy: 'bring the package lists up to date with `sudo apt-get update`, and try again',
    cause,
  });
}
