import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../linux/files.ts';

/**
 * What a lab's BMCs keep over a loss of power: their state and who may log in. A lab that is built again under its
 * name, because its hosts had ended or its topology has changed, has the same BMCs; `lab down` takes them away.
 */
export type KeptBmcs = Readonly<Record<string, string>>;

/** The files that hold it, relative to the lab's folder. */
function keptFiles(labFolder: string): string[] {
  const states = join('rack', 'bmc');
  const folder = join(labFolder, states);
  const found = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  return ['secrets.json', ...found.map((file) => join(states, file))];
}

/** Reads it from a lab's folder, before that goes. */
export function readKeptBmcs(labFolder: string): KeptBmcs {
  const files = keptFiles(labFolder).filter((file) => existsSync(join(labFolder, file)));
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(labFolder, file), 'utf8')]));
}

/** Writes it to the folder of the lab that is built again. */
export function writeKeptBmcs(labFolder: string, kept: KeptBmcs): void {
  for (const [file, text] of Object.entries(kept)) writeFileAtomic(join(labFolder, file), text);
}
