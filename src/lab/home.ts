import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of everything the lab keeps: $LAB_HOME, else $XDG_STATE_HOME/lab, else ~/.local/state/lab. */
export function labHome(): string {
  const { LAB_HOME, XDG_STATE_HOME } = process.env;
  if (LAB_HOME) return resolve(LAB_HOME);
  return join(XDG_STATE_HOME ? resolve(XDG_STATE_HOME) : join(homedir(), '.local', 'state'), 'lab');
}

/** One folder a lab that is up. */
export function labsFolder(): string {
  return join(labHome(), 'labs');
}

export function labFolder(name: string): string {
  return join(labsFolder(), name);
}

/** One folder a scenario's run, with its captures. */
export function runsFolder(): string {
  return join(labHome(), 'runs');
}

/** What is made once and used by every lab. */
export function cacheFolder(): string {
  return join(labHome(), 'cache');
}

/** The images that nodes boot from, which every lab can read. */
export function imagesFolder(): string {
  return join(labHome(), 'images');
}
