import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Message } from 'esbuild';
import { LabError, messageOf } from '../errors.ts';
import { scratchFolder } from '../lab/scratch.ts';
import { closest } from '../topology/suggest.ts';
import { problemWithSettings } from '../topology/with-settings.ts';
import type { Scenario } from './api.ts';

/** A scenario file: its name and its absolute path. */
export interface ScenarioLocation {
  readonly name: string;
  readonly file: string;
}

/** Where scenarios are looked for: `./scenarios` below the user's folder first, then the package's own. */
export interface ScenarioFolders {
  readonly cwd: string;
  readonly packageRoot: string;
}

/** Every scenario that has a name, sorted by it; the user's hide the package's of the same name. */
export function listScenarios({ cwd, packageRoot }: ScenarioFolders): ScenarioLocation[] {
  const all = [packageRoot, cwd].flatMap((folder) => scenariosIn(join(folder, 'scenarios')));
  const byName = new Map(all.map((location) => [location.name, location]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The scenarios that lie in a folder. */
export function scenariosIn(folder: string): ScenarioLocation[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => ({ name: basename(file, '.ts'), file: join(folder, file) }));
}

/** Every scenario that has a name, loaded; a broken file is told and does not hide the others. */
export async function describeScenarios(
  folders: ScenarioFolders,
): Promise<(ScenarioLocation & ({ readonly scenario: Scenario } | { readonly problem: string }))[]> {
  return Promise.all(
    listScenarios(folders).map(async (location) => {
      try {
        return { ...location, scenario: await loadScenario(location, folders.packageRoot) };
      } catch (error) {
        return { ...location, problem: messageOf(error) };
      }
    }),
  );
}

/**
 * The file of a scenario. Whatever holds a slash or ends in .ts is a path; anything else is a name.
 *
 * @throws LabError `usage` when there is none, listing those there are
 */
export function resolveScenario(nameOrPath: string, folders: ScenarioFolders): ScenarioLocation {
  if (nameOrPath.includes('/') || nameOrPath.endsWith('.ts')) {
    const file = resolve(folders.cwd, nameOrPath);
    if (existsSync(file)) return { name: basename(file, '.ts'), file };
    throw new LabError('usage', `there is no scenario file ${nameOrPath} (looked for ${file})`, {
      remedy: 'lab scenarios lists those that have a name',
    });
  }
  const known = listScenarios(folders);
  const found = known.find(({ name }) => name === nameOrPath);
  if (found) return found;
  const names = known.map(({ name }) => name);
  const meant = closest(nameOrPath, names);
  throw new LabError(
    'usage',
    `there is no scenario "${nameOrPath}"${meant ? `; did you mean "${meant}"?` : ''}`,
    {
      remedy: `one of ${names.join(', ')}, or the path of a .ts file`,
    },
  );
}

/**
 * Loads a scenario file; TypeScript needs no build step of its own.
 *
 * @param packageRoot the package whose API `baremetal-lab` means in the file
 * @throws LabError `usage` with file, line and column when it cannot be compiled or exports no scenario
 */
export async function loadScenario({ file }: ScenarioLocation, packageRoot: string): Promise<Scenario> {
  const shown = shownPath(file);
  const folder = scratchFolder();
  const code = await compile({ file, shown, api: join(packageRoot, 'dist', 'api.js'), folder });
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const module = join(folder, `${digest}.mjs`);
  writeFileSync(module, code);
  process.setSourceMapsEnabled(true);
  try {
    const { default: exported } = (await import(pathToFileURL(module).href)) as { default?: unknown };
    return checked(exported, shown);
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('usage', `${shown} fails while it is loaded: ${message}`, {
      remedy: 'mend the file; --debug shows where',
      cause,
    });
  }
}

/** Relative to the working folder for what lies below it. */
function shownPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near === '' || near.startsWith('..') ? file : near;
}

/** Bundles a file with what it imports. `folder` is where the code will lie: source maps lead from there. */
async function compile(paths: {
  readonly file: string;
  readonly shown: string;
  readonly api: string;
  readonly folder: string;
}): Promise<string> {
  const { file, shown, api, folder } = paths;
  const result = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    outfile: join(folder, 'scenario.mjs'),
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [
      {
        name: 'baremetal-lab',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^baremetal-lab$/ }, () => ({ path: pathToFileURL(api).href, external: true }));
        },
      },
    ],
  }).catch((cause: { errors?: Message[] } & Error) => {
    const problems = (cause.errors ?? []).map(({ text, location }) => {
      if (!location) return `${shown}: ${text}`;
      return `${shownPath(resolve(location.file))}:${location.line}:${location.column + 1}: ${text}`;
    });
    throw new LabError('usage', problems.length > 0 ? problems.join('\n') : `${shown}: ${cause.message}`, {
      remedy: 'mend the file; docs/writing-a-scenario.md shows one whole',
      cause,
    });
  });
  return result.outputFiles[0]?.text ?? '';
}

/** The default export, if it has all that a scenario needs; what it teaches in one line, however it is wrapped. */
function checked(exported: unknown, shown: string): Scenario {
  const wrong = problemWith(exported);
  if (wrong === undefined) {
    const scenario = exported as Scenario;
    return { ...scenario, teaches: scenario.teaches.replace(/\s+/g, ' ').trim() };
  }
  throw new LabError('usage', `${shown}: ${wrong}`, {
    remedy:
      'export default scenario({ title, teaches, outcomes, run }); docs/writing-a-scenario.md shows one whole',
  });
}

function problemWith(exported: unknown): string | undefined {
  if (typeof exported !== 'object' || exported === null) return 'it has no scenario as its default export';
  const { title, teaches, outcomes, run, ...rest } = exported as Partial<Record<keyof Scenario, unknown>>;
  if (typeof title !== 'string' || title === '') return 'its title is missing: one line of text was expected';
  if (typeof teaches !== 'string' || teaches === '')
    return 'its teaches is missing: two or three sentences were expected';
  if (typeof run !== 'function') return 'its run is missing: a function was expected';
  const declared = typeof outcomes === 'object' && outcomes !== null ? Object.entries(outcomes) : [];
  if (declared.length === 0) return 'its outcomes are missing: an outcome for each topology was expected';
  const odd = declared.find(([, outcome]) => typeof outcome !== 'string' || outcome === '');
  if (odd) return `its outcome for ${odd[0]} is no text`;
  const { with: settings, tags = [], weight = {} } = rest;
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string' || !/^[a-z][a-z0-9-]*$/.test(tag))) {
    return 'its tags are no list of words made of small letters, digits and dashes';
  }
  const wrong = settings === undefined ? undefined : problemWithSettings(settings);
  return problemWithWeight(weight) ?? (wrong === undefined ? undefined : `its with ${wrong}`);
}

function problemWithWeight(weight: unknown): string | undefined {
  if (typeof weight !== 'object' || weight === null) return 'its weight is no object';
  for (const [name, value] of Object.entries(weight)) {
    if (name !== 'memory' && name !== 'seconds')
      return `its weight has ${name}; it may have memory and seconds`;
    if (typeof value !== 'number' || !(value > 0)) return `its weight's ${name} is no positive number`;
  }
  return undefined;
}
