import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../../errors.ts';
import { interpreter, neededLibraries } from './elf.ts';
import type { FileTree } from './file-tree.ts';

const libraryFolders = [
  'lib/x86_64-linux-gnu',
  'usr/lib/x86_64-linux-gnu',
  'lib64',
  'usr/lib64',
  'lib',
  'usr/lib',
];

/** Where all libraries of an image go, and where the dynamic loader looks without being told. */
const target = 'lib/x86_64-linux-gnu';

/** Adds programs to an image with exactly the shared libraries that they need, and those libraries need. */
export class Programs {
  private readonly tree: FileTree;
  private readonly roots: readonly string[];

  /** @param roots folders that hold files as if they were /, searched in order: unpacked packages, at last `/` */
  constructor(tree: FileTree, roots: readonly string[]) {
    this.tree = tree;
    this.roots = roots;
  }

  /**
   * @param change what the image gets in place of the program, whose own headers tell what it needs
   * @throws LabError `machine-lacks` when it or one of its libraries is nowhere
   */
  add(path: string, content: Uint8Array, change = (program: Uint8Array) => program): void {
    this.tree.file(path, change(content), 0o755);
    const loader = interpreter(content);
    if (loader && !this.tree.has(loader)) this.tree.file(loader, this.library(basename(loader), path), 0o755);
    for (const name of neededLibraries(content)) {
      const libraryPath = `${target}/${name}`;
      if (name.startsWith('ld-linux') || this.tree.has(libraryPath)) continue;
      this.add(libraryPath, this.library(name, path));
    }
  }

  private library(name: string, neededBy: string): Uint8Array {
    for (const root of this.roots) {
      for (const folder of libraryFolders) {
        const file = join(root, folder, name);
        if (isThere(file)) return readFileSync(resolveInside(root, file));
      }
    }
    throw new LabError('machine-lacks', `no library ${name}, which ${neededBy} of an image needs`, {
      remedy: `install the Debian package that holds ${name}`,
    });
  }
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Follows links as they would lead with `root` as /. */
export function resolveInside(root: string, file: string): string {
  let at = file;
  for (let steps = 0; steps < 20 && lstatSync(at).isSymbolicLink(); steps++) {
    const to = readlinkSync(at);
    at = to.startsWith('/') ? join(root, to) : join(dirname(at), to);
  }
  if (!existsSync(at)) throw new LabError('lab-failed', `${file} is a link to nowhere`);
  return at;
}
