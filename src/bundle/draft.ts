import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { fileError, makeFolder } from '../linux/files.ts';
import { identify } from '../linux/process-identity.ts';
import type { Redaction } from './redaction.ts';

/** By which a folder is known for a bundle, which a later run may replace. */
const markFile = 'result.json';
const mark = '"schema": "lab/bundle/1"';

/**
 * A bundle that is being made: its texts are kept until all secrets are known, and the folder takes its place when it is
 * complete. What cannot be had is noted and keeps nothing else away.
 */
export class BundleDraft {
  /** Where files that are no text are written. */
  readonly folder: string;
  /** What could not be had, a line each. */
  readonly problems: string[] = [];
  private readonly target: string;
  private readonly texts = new Map<string, string>();

  /**
   * @param parent is made if it is missing
   * @param name of the folder; one with a number if somebody else's is there
   * @throws LabError `lab-failed` when nothing can be written there
   */
  constructor(parent: string, name: string) {
    makeFolder(parent, 0o755);
    sweepDrafts(parent);
    this.target = freePlace(parent, name);
    const self = identify(process.pid);
    this.folder = join(parent, `.${basename(this.target)}.draft-${process.pid}-${self?.startTicks ?? 0}`);
    rmSync(this.folder, { recursive: true, force: true });
    makeFolder(this.folder, 0o755);
  }

  /** Adds a text file. */
  add(path: string, text: string): void {
    this.texts.set(path, text);
  }

  addJson(path: string, value: unknown): void {
    this.add(path, `${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** Does a part of the work; what it fails with is noted. */
  async attempt(what: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problems.push(`${what}: ${messageOf(error)}`);
    }
  }

  /** The paths of its text files, sorted. */
  get paths(): string[] {
    return [...this.texts.keys()].sort();
  }

  /** Has the redaction learn what secrets the texts give away. */
  learn(redaction: Redaction): void {
    for (const text of this.texts.values()) redaction.learn(text);
  }

  /**
   * Writes the texts and puts the folder in its place; answers its path.
   *
   * @throws LabError `lab-failed` when it cannot be written; nothing is left of it then
   */
  finish(redaction: Redaction): string {
    try {
      for (const [path, text] of this.texts) {
        const file = join(this.folder, path);
        makeFolder(dirname(file), 0o755);
        writeFileSync(file, redaction.text(text), { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
      }
      replaceFolder(this.folder, this.target);
      return this.target;
    } catch (error) {
      throw fileError(`cannot write the bundle ${this.target}`, error);
    } finally {
      this.abandon();
    }
  }

  abandon(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A folder takes the place of another in two steps: there is none in between that swaps them. */
function replaceFolder(folder: string, target: string): void {
  const old = `${folder}.old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(folder, target);
  rmSync(old, { recursive: true, force: true });
}

function freePlace(parent: string, name: string): string {
  for (let number = 1; ; number++) {
    const place = join(parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(place) || isBundle(place)) return place;
  }
}

function isBundle(folder: string): boolean {
  try {
    return readFileSync(join(folder, markFile), 'utf8').slice(0, 200).includes(mark);
  } catch {
    return false;
  }
}

/** Removes what processes have left that were killed while they wrote. */
function sweepDrafts(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, startTicks] = /^\..+\.draft-(\d+)-(\d+)(?:\.old)?$/.exec(name) ?? [];
    if (pid === undefined || identify(Number(pid))?.startTicks === Number(startTicks)) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}
