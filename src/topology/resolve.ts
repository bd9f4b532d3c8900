import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LabError } from '../errors.ts';
import { closest } from './suggest.ts';

/** A topology that can be built: its name and its file's absolute path. */
export interface TopologyLocation {
  readonly name: string;
  readonly file: string;
}

/** Where topologies are looked for: `./topologies` below the user's folder first, then the package's own. */
export interface TopologyFolders {
  /** The user's working folder, absolute. */
  readonly cwd: string;
  /** The folder that holds the package's own `topologies`, absolute. */
  readonly packageRoot: string;
}

const extension = /\.ya?ml$/;

/**
 * The file of a topology. Whatever holds a slash or ends in .yaml or .yml is a path; anything else is the name
 * of a topology in one of the folders.
 *
 * @throws LabError `usage` when there is none, listing those there are
 */
export async function resolveTopology(
  nameOrPath: string,
  folders: TopologyFolders,
): Promise<TopologyLocation> {
  if (nameOrPath.includes('/') || extension.test(nameOrPath)) {
    const file = resolve(folders.cwd, nameOrPath);
    if (existsSync(file)) return { name: nameOfFile(file), file };
    throw new LabError('usage', `there is no topology file ${nameOrPath} (looked for ${file})`, {
      remedy: `give the path of a file, or one of the names ${await namesIn(folders)}`,
    });
  }
  const known = await listTopologies(folders);
  const found = known.find(({ name }) => name === nameOrPath);
  if (found) return found;
  const meant = closest(
    nameOrPath,
    known.map(({ name }) => name),
  );
  throw new LabError(
    'usage',
    `there is no topology "${nameOrPath}"; there are ${await namesIn(folders)}${meant ? `; did you mean "${meant}"?` : ''}`,
    { remedy: `write ${join('topologies', `${nameOrPath}.yaml`)}, or give the path of a file` },
  );
}

/** Every topology that has a name, sorted by it; the user's hide the package's of the same name. */
export async function listTopologies(folders: TopologyFolders): Promise<TopologyLocation[]> {
  const [own, shipped] = await Promise.all(
    [folders.cwd, folders.packageRoot].map((folder) => topologiesIn(join(folder, 'topologies'))),
  );
  const byName = new Map([...(shipped ?? []), ...(own ?? [])].map((location) => [location.name, location]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function topologiesIn(folder: string): Promise<TopologyLocation[]> {
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => extension.test(file))
    .map((file) => ({ name: nameOfFile(file), file: join(folder, file) }));
}

async function namesIn(folders: TopologyFolders): Promise<string> {
  const names = (await listTopologies(folders)).map(({ name }) => name);
  return names.join(', ') || '(none)';
}

function nameOfFile(file: string): string {
  return basename(file).replace(extension, '');
}
