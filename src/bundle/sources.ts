import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { BundleDraft } from './draft.ts';

/**
 * Adds a scenario's file, with the user's files that it imports, and a topology's as they are: under the names that
 * outcomes are declared for.
 *
 * @returns where both are in the bundle
 */
export async function addSources(
  draft: BundleDraft,
  scenarioFile: string,
  topologyFile: string,
): Promise<{ readonly scenario: string; readonly topology: string }> {
  const sources = await importedBy(scenarioFile);
  const root = commonFolder(sources);
  const place = (file: string) => join('scenario', relative(root, file));
  for (const file of sources)
    await draft.attempt(file, () => draft.add(place(file), readFileSync(file, 'utf8')));
  const topology = `topology/${basename(topologyFile)}`;
  await draft.attempt(topologyFile, () => draft.add(topology, readFileSync(topologyFile, 'utf8')));
  return { scenario: place(scenarioFile), topology };
}

/** The file and all that it imports by a path; the file alone if it has been broken meanwhile. */
async function importedBy(file: string): Promise<string[]> {
  try {
    const { metafile } = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      metafile: true,
      packages: 'external',
      // Its paths may lead from a package's name to files that are not the user's.
      tsconfigRaw: {},
      platform: 'node',
      logLevel: 'silent',
    });
    return Object.keys(metafile.inputs).map((path) => join(dirname(file), path));
  } catch {
    return [file];
  }
}

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0] ?? '/');
  while (!files.every((file) => file.startsWith(folder === '/' ? folder : `${folder}/`)))
    folder = dirname(folder);
  return folder;
}
