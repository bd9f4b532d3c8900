import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../linux/process.ts';
import type { FileTree } from './file-tree.ts';

/** Adds busybox with a name for each of its programs. */
export async function addBusybox(tree: FileTree, root: string): Promise<void> {
  const busybox = join(root, 'bin/busybox');
  tree.file('bin/busybox', readFileSync(busybox), 0o755);
  const { stdout } = await run([busybox, '--list']);
  for (const name of stdout.split('\n')) if (name && name !== 'busybox') tree.link(`bin/${name}`, 'busybox');
  // The kernel itself asks for this one.
  tree.link('sbin/modprobe', '/bin/busybox');
}
