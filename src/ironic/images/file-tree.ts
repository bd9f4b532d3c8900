import { LabError } from '../../errors.ts';

/** A thing in a file system. Everything belongs to root; `path` has no leading slash. */
export type TreeEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'device';
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

/** The files of a system as plain data, from which an archive or a file system is written. */
export class FileTree {
  private readonly byPath = new Map<string, TreeEntry>();

  directory(path: string, mode = 0o755): void {
    this.add({ kind: 'directory', path: clean(path), mode });
  }

  file(path: string, content: Uint8Array | string, mode = 0o644): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.add({ kind: 'file', path: clean(path), mode, content: bytes });
  }

  link(path: string, target: string): void {
    this.add({ kind: 'link', path: clean(path), target });
  }

  /** A character device. */
  device(path: string, major: number, minor: number, mode = 0o600): void {
    this.add({ kind: 'device', path: clean(path), mode, major, minor });
  }

  /** Adds all of another tree; what is in both must be equal. */
  merge(other: FileTree): void {
    for (const entry of other.entries()) {
      // A folder that both have keeps the mode it has here.
      if (entry.kind !== 'directory' || !this.byPath.has(entry.path)) this.add(entry);
    }
  }

  has(path: string): boolean {
    return this.byPath.has(clean(path));
  }

  /** Every entry, a folder before what is in it, otherwise sorted by path: the same tree, the same order. */
  entries(): TreeEntry[] {
    return [...this.byPath.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** Adds the entry and the folders above it. @throws LabError when something else is there already */
  private add(entry: TreeEntry): void {
    const known = this.byPath.get(entry.path);
    if (known && !isSame(known, entry))
      throw new LabError('lab-failed', `two different things called /${entry.path} in an image`);
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    if (parent && this.byPath.get(parent)?.kind !== 'directory') this.directory(parent);
    this.byPath.set(entry.path, entry);
  }
}

function clean(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function isSame(a: TreeEntry, b: TreeEntry): boolean {
  if (a.kind === 'file' && b.kind === 'file') return Buffer.compare(a.content, b.content) === 0;
  if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
  return a.kind === 'directory' && b.kind === 'directory';
}
