import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from '../errors.ts';
import {
  listScenarios,
  resolveScenario,
  type ScenarioFolders,
  type ScenarioLocation,
  scenariosIn,
} from '../scenarios/load.ts';

/**
 * The scenarios that patterns choose, sorted by name; all that have a name when there is no pattern. A pattern is a name
 * in which `*` stands for anything and `?` for one character, or the path of a scenario file or of a folder of them.
 *
 * @throws LabError `usage` for a pattern that chooses nothing, and for two files of one name
 */
export function chooseScenarios(patterns: readonly string[], folders: ScenarioFolders): ScenarioLocation[] {
  const chosen =
    patterns.length === 0
      ? listScenarios(folders)
      : patterns.flatMap((pattern) => chosenBy(pattern, folders));
  const byName = new Map<string, ScenarioLocation>();
  for (const location of chosen) {
    const same = byName.get(location.name);
    if (same && same.file !== location.file) {
      throw new LabError(
        'usage',
        `two scenarios are called ${location.name}: ${same.file}, ${location.file}`,
        {
          remedy: 'rename one of the files, or run them one after the other',
        },
      );
    }
    byName.set(location.name, location);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function chosenBy(pattern: string, folders: ScenarioFolders): ScenarioLocation[] {
  const path = resolve(folders.cwd, pattern);
  if (pattern.includes('/') || pattern === '.' || pattern === '..') {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const found = scenariosIn(path);
      if (found.length > 0) return found;
      throw new LabError('usage', `there is no scenario in the folder ${pattern}`, {
        remedy: 'scenarios are files that end in .ts; docs/writing-a-scenario.md shows one whole',
      });
    }
  }
  if (!/[*?]/.test(pattern)) return [resolveScenario(pattern, folders)];
  const found = listScenarios(folders).filter(({ name }) => matches(pattern, name));
  if (found.length > 0) return found;
  throw new LabError('usage', `no scenario's name matches "${pattern}"`, {
    remedy: 'lab scenarios lists the names',
  });
}

function matches(pattern: string, name: string): boolean {
  const literal = (text: string) => text.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&');
  const expression = literal(pattern).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(name);
}
