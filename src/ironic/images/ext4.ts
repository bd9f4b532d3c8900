import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../../linux/process.ts';
import type { FileTree, TreeEntry } from './file-tree.ts';

export interface Ext4Options {
  readonly uuid: string;
  readonly label: string;
  /** In bytes, a multiple of 1 MiB. */
  readonly size: number;
}

/** 2000-01-01, the time of everything in an image. */
const when = 946684800;
const directoryType = 0o040000;
const fileType = 0o100000;
const linkType = 0o120000;
const deviceType = 0o020000;

/**
 * Makes an ext4 file system of a tree in a file, without root and without a mount: mke2fs makes it, debugfs fills it.
 * The same tree gives the same bytes: order, owners, times and hashes are all given.
 */
export async function writeExt4(
  tree: FileTree,
  file: string,
  { uuid, label, size }: Ext4Options,
): Promise<void> {
  const env = { E2FSPROGS_FAKE_TIME: String(when), TZ: 'UTC', LC_ALL: 'C' };
  const folder = mkdtempSync(join(dirname(file), '.ext4-'));
  try {
    // A journal, for these systems lose their power at any moment.
    const features = ['-O', '^metadata_csum_seed,^orphan_file', '-J', 'size=4'];
    const extended = `hash_seed=${uuid},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard`;
    const options = [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-m',
      '0',
      '-U',
      uuid,
      '-L',
      label,
      ...features,
      '-E',
      extended,
    ];
    await run(['/sbin/mke2fs', ...options, file, `${size / 1024}k`], { env });
    const commands = join(folder, 'commands');
    writeFileSync(commands, `${debugfsCommands(tree, folder).join('\n')}\n`);
    const { stderr } = await run(['/sbin/debugfs', '-w', '-f', commands, file], { env, timeoutMs: 120_000 });
    // debugfs exits with 0 whatever it was told; its first line is its version.
    const complaints = stderr.split('\n').filter((line) => line && !line.startsWith('debugfs 1.'));
    if (complaints.length > 0) throw new Error(`debugfs could not fill ${file}: ${complaints.join('; ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What debugfs is told, and the files that it copies, in `folder`. */
function debugfsCommands(tree: FileTree, folder: string): string[] {
  const entries = tree.entries();
  return entries.flatMap((entry, index) => [
    ...creation(entry, join(folder, String(index))),
    ...attributes(entry),
  ]);
}

function creation(entry: TreeEntry, copy: string): string[] {
  const path = quoted(`/${entry.path}`);
  switch (entry.kind) {
    case 'directory':
      return [`mkdir ${path}`];
    case 'file':
      writeFileSync(copy, entry.content);
      return [`write ${quoted(copy)} ${path}`];
    case 'link':
      return [`symlink ${path} ${quoted(entry.target)}`];
    case 'device':
      return [
        `cd ${quoted(`/${dirname(entry.path)}`)}`,
        `mknod ${baseName(entry)} c ${entry.major} ${entry.minor}`,
        'cd /',
      ];
  }
}

function attributes(entry: TreeEntry): string[] {
  const path = quoted(`/${entry.path}`);
  const set = (field: string, value: number | string) => `set_inode_field ${path} ${field} ${value}`;
  const times = ['atime', 'ctime', 'mtime', 'crtime'].flatMap((field) => [
    set(field, `@${when}`),
    set(`${field}_extra`, 0),
  ]);
  return [set('mode', `0${modeOf(entry).toString(8)}`), set('uid', 0), set('gid', 0), ...times];
}

function modeOf(entry: TreeEntry): number {
  switch (entry.kind) {
    case 'directory':
      return directoryType | entry.mode;
    case 'file':
      return fileType | entry.mode;
    case 'link':
      return linkType | 0o777;
    case 'device':
      return deviceType | entry.mode;
  }
}

function baseName({ path }: TreeEntry): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
