import { loadTopology } from '../topology/parse.ts';
import { resolveTopology } from '../topology/resolve.ts';
import type { Topology } from '../topology/schema.ts';
import { packageRoot } from './package.ts';

/** A topology from the command line: a name or the path of a file. */
export async function openTopology(
  nameOrPath: string,
): Promise<{ readonly name: string; readonly file: string; readonly topology: Topology }> {
  const { name, file } = await resolveTopology(nameOrPath, { cwd: process.cwd(), packageRoot });
  return { name, file, topology: await loadTopology(file) };
}
