import { readFile } from 'node:fs/promises';
import { LabError, messageOf } from '../errors.ts';
import { writeFileAtomic } from '../linux/files.ts';
import { type BmcState, parseState } from './state.ts';

/** Where a BMC's state is kept between two of its lives. */
export interface StateStore {
  /** The stored state; undefined when there is none yet. */
  load(): Promise<BmcState | undefined>;
  /** Resolves when the state is stored as a whole. */
  save(state: BmcState): Promise<void>;
}

/** Keeps nothing. */
export const forgetfulStore: StateStore = { load: async () => undefined, save: async () => {} };

/**
 * Keeps the state in a file that its owner alone can read, for it holds passwords. A save replaces the file as a
 * whole or not at all.
 */
export function stateFile(path: string): StateStore {
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw new LabError('lab-failed', `cannot read the BMC state file ${path}: ${messageOf(error)}`);
      }
      try {
        return parseState(JSON.parse(text));
      } catch {
        // The parser's own words would quote the file, and with it passwords.
        throw new LabError('lab-failed', `${path} is not a BMC state file, or is damaged`, {
          remedy: 'remove it: the BMC then starts as from the factory',
        });
      }
    },
    async save(state) {
      writeFileAtomic(path, `${JSON.stringify(state, undefined, 1)}\n`);
    },
  };
}
