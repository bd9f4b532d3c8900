import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, relative } from 'node:path';
import { LabError, messageOf } from '../errors.ts';
import { checkData } from './check-data.ts';
import { type PlacedText, positionOf } from './positions.ts';
import { type Problem, valueAt } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import type { Topology } from './schema.ts';

const remedy = 'correct the file; docs/writing-a-topology.md describes every key';

/**
 * Reads and checks a topology file.
 *
 * @throws LabError `usage` when it cannot be read, and as `parseTopology`
 */
export async function loadTopology(file: string): Promise<Topology> {
  const shown = readablePath(file);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new LabError('usage', `cannot read the topology ${shown}: ${messageOf(cause)}`, { cause });
  });
  return parseTopology(text, shown);
}

/**
 * The topology that a YAML text describes.
 *
 * @param file names the text in messages; its base name is the topology's name if the text gives none
 * @throws LabError `usage` whose message lists every problem, one a line, each as
 *   `file:line:column: what was found, what was expected, what to do`
 */
export function parseTopology(text: string, file: string): Topology {
  const { doc, flaws, data } = readYaml(text);
  if (flaws.length > 0) throw refusal(file, flaws);
  const place = ({ path, at, text: said, other }: Problem): PlacedText => {
    const position = positionOf(doc, text, path, at);
    const see =
      other && valueAt(data, other) !== undefined ? positionOf(doc, text, other, 'value') : position;
    return { ...position, text: see.line === position.line ? said : `${said} (see line ${see.line})` };
  };

  const { topology, problems } = checkData(data, nameOf(file));
  if (!topology) throw refusal(file, problems.map(place));
  return topology;
}

function refusal(file: string, problems: readonly PlacedText[]): LabError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  // What stands at an anchor is read once for each alias, and so are its problems.
  const listed = [...new Set(sorted.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`))];
  const count = listed.length === 1 ? 'a problem' : `${listed.length} problems`;
  return new LabError('usage', `the topology has ${count}:\n${listed.join('\n')}`, { remedy });
}

/** The name of a topology whose file gives none: the file's, in the letters that a name may have. */
function nameOf(file: string): string {
  const name = basename(file)
    .replace(/\.ya?ml$/i, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '');
  return name.slice(0, 63) || 'topology';
}

/** Relative to the working folder for what lies below it. */
function readablePath(file: string): string {
  const near = relative(process.cwd(), file);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near;
}
