import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { LabError } from '../errors.ts';

/**
 * The folder of everything the lab keeps: $LAB_HOME, else $XDG_STATE_HOME/lab, else ~/.local/state/lab. However it is
 * named, it is answered by one path: locks and hosts are known by it.
 */
export function labHome(): string {
  const { LAB_HOME, XDG_STATE_HOME } = process.env;
  return withoutLinks(resolve(LAB_HOME || join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'lab')));
}

/** A path without symbolic links, as far as there is something at it. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === '/' ? path : join(withoutLinks(dirname(path)), basename(path));
  }
}

const maxNameLength = 64;

/**
 * Checks the name of a lab that is to be built: it becomes a folder's.
 *
 * @throws LabError `usage`
 */
export function checkLabName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) && name.length <= maxNameLength) return;
  throw new LabError('usage', `"${name}" cannot be the name of a lab`, {
    remedy: `--name with letters, digits, -, _ and ., up to ${maxNameLength}, starting with a letter or a digit`,
  });
}

/** A name for a lab that is made of other names, which may hold anything. */
export function labNameFor(parts: readonly string[], end = ''): string {
  const words = parts.map((part) => part.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, ''));
  const start = words.filter((word) => word !== '').join('-');
  return `${start.slice(0, maxNameLength - end.length) || 'lab'}${end}`;
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
