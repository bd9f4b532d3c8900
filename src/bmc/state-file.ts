import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LabError, messageOf } from '../errors.ts';
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
 * whole or not at all; the latest of several asked for at once is the one that stays.
 */
export function stateFile(path: string): StateStore {
  let writing: Promise<void> | undefined;
  let next: { text: string; written: Promise<void> } | undefined;

  async function write(text: string): Promise<void> {
    const temporary = `${path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }

  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          return undefined;
        }
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
    save(state) {
      const text = `${JSON.stringify(state, undefined, 1)}\n`;
      if (next) {
        next.text = text;
        return next.written;
      }
      const entry = { text, written: Promise.resolve() };
      entry.written = (writing ?? Promise.resolve())
        .catch(() => {})
        .then(() => {
          next = undefined;
          writing = write(entry.text);
          return writing;
        });
      next = entry;
      return entry.written;
    },
  };
}
