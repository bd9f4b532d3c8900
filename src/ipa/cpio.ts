import type { TreeEntry } from '../ironic/images/file-tree.ts';

const directoryType = 0o040000;
const fileType = 0o100000;
const linkType = 0o120000;
const characterDeviceType = 0o020000;
const none = new Uint8Array();

interface Member {
  readonly name: string;
  readonly mode: number;
  readonly links: number;
  readonly data: Uint8Array;
  readonly major: number;
  readonly minor: number;
}

/**
 * An initramfs archive ("newc", Documentation/driver-api/early-userspace/buffer-format.rst of the kernel), piece by
 * piece. Owners and times are 0 and inode numbers count up, so the bytes depend on the entries alone.
 *
 * @param entries a folder before what is in it; the kernel makes none of itself
 */
export function* writeCpio(entries: Iterable<TreeEntry>): Generator<Uint8Array> {
  let inode = 0;
  for (const entry of entries) yield* member(memberOf(entry), ++inode);
  yield* member({ name: 'TRAILER!!!', mode: 0, links: 1, data: none, major: 0, minor: 0 }, 0);
}

function memberOf(entry: TreeEntry): Member {
  const base = { name: entry.path, links: 1, data: none, major: 0, minor: 0 };
  switch (entry.kind) {
    case 'directory':
      return { ...base, mode: directoryType | entry.mode, links: 2 };
    case 'file':
      return { ...base, mode: fileType | entry.mode, data: entry.content };
    case 'link':
      return { ...base, mode: linkType | 0o777, data: new TextEncoder().encode(entry.target) };
    case 'device':
      return { ...base, mode: characterDeviceType | entry.mode, major: entry.major, minor: entry.minor };
  }
}

function* member(what: Member, inode: number): Generator<Uint8Array> {
  const name = new TextEncoder().encode(`${what.name}\0`);
  const fields = [
    inode,
    what.mode,
    0, // uid
    0, // gid
    what.links,
    0, // mtime
    what.data.length,
    0, // the device it lies on: major
    0, // and minor
    what.major,
    what.minor,
    name.length,
    0, // the check sum of the other variant, "crc"
  ];
  const header = `070701${fields.map((value) => value.toString(16).padStart(8, '0')).join('')}`;
  yield new TextEncoder().encode(header);
  yield name;
  yield padding(header.length + name.length);
  yield what.data;
  yield padding(what.data.length);
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
