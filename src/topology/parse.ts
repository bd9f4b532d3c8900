import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, relative } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { LabError, messageOf } from '../errors.ts';
import { AddressesExhausted, complete } from './complete.ts';
import { positionOf } from './positions.ts';
import { describeIssue, type Problem, problem } from './problems.ts';
import { type Topology, topologySchema } from './schema.ts';

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
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (problems: readonly { line: number; column: number; text: string }[]): never => {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    const listed = sorted.map((it) => `${file}:${it.line}:${it.column}: ${it.text}`);
    const count = listed.length === 1 ? 'a problem' : `${listed.length} problems`;
    throw new LabError('usage', `the topology has ${count}:\n${listed.join('\n')}`, { remedy });
  };
  const refuseAt = (problems: readonly Problem[]): never =>
    refuse(problems.map((it) => ({ ...positionOf(doc, lines, it.path, it.at), text: it.text })));

  const flaws = [...doc.errors, ...doc.warnings];
  if (flaws.length > 0) {
    refuse(
      flaws.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { line, column: col, text: `found text that is not YAML: ${message}` };
      }),
    );
  }
  const data: unknown = doc.toJS();
  const parsed = topologySchema.safeParse(data);
  if (!parsed.success) {
    return refuseAt(parsed.error.issues.flatMap((issue) => describeIssue(issue, data)));
  }
  try {
    return complete(parsed.data, nameOf(file));
  } catch (error) {
    if (!(error instanceof AddressesExhausted)) throw error;
    return refuseAt([problem(['networks'], error.message)]);
  }
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
