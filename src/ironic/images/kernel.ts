import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LabError } from '../../errors.ts';
import { moduleInfo } from './elf.ts';
import type { FileTree } from './file-tree.ts';

/** A kernel of Debian, unpacked. */
export interface Kernel {
  /** What `uname -r` will say. */
  readonly release: string;
  readonly image: Uint8Array;
  /** The folder lib/modules/RELEASE. */
  readonly folder: string;
}

/** @param root the unpacked package */
export function openKernel(root: string): Kernel {
  const [release] = readdirSync(join(root, 'lib/modules'));
  if (!release) throw new LabError('lab-failed', `no kernel in ${root}`);
  return {
    release,
    image: readFileSync(join(root, 'boot', `vmlinuz-${release}`)),
    folder: join(root, 'lib/modules', release),
  };
}

/** A module as the kernel's own tools name it: underscores. */
function moduleName(path: string): string {
  return basename(path).replace(/\.ko$/, '').replaceAll('-', '_');
}

interface Module {
  readonly path: string;
  readonly content: Uint8Array;
  readonly depends: readonly string[];
  readonly aliases: readonly string[];
}

/**
 * Adds modules and what they depend on to an image, and the two lists by which modprobe finds them
 * (modules.dep(5), and aliases by which a device names its driver). A module that this kernel has built in or does
 * not have at all is left out: kernels differ, and the devices of the machine decide what is needed.
 *
 * @param wanted names, as modprobe takes them
 */
export function addModules(tree: FileTree, kernel: Kernel, wanted: readonly string[]): void {
  const modules = closure(kernel, wanted);
  const base = `lib/modules/${kernel.release}`;
  const inOrder = [...modules.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, { path, content }] of inOrder) tree.file(`${base}/${path}`, content);
  const pathOf = (name: string) => modules.get(name)?.path ?? '';
  const dependencies = inOrder.map(([name, { path }]) => {
    // modprobe loads them from the last to the first.
    const loadOrder = [...beforeModule(modules, name)].reverse();
    return `${path}:${loadOrder.map((each) => ` ${pathOf(each)}`).join('')}`;
  });
  const aliases = inOrder.flatMap(([name, module]) =>
    module.aliases.map((alias) => `alias ${alias} ${name}`),
  );
  tree.file(`${base}/modules.dep`, `${dependencies.join('\n')}\n`);
  tree.file(`${base}/modules.alias`, `${aliases.join('\n')}\n`);
}

function closure(kernel: Kernel, wanted: readonly string[]): Map<string, Module> {
  const paths = new Map(
    readdirSync(join(kernel.folder, 'kernel'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ko'))
      .map((path) => [moduleName(path), join('kernel', path)]),
  );
  const modules = new Map<string, Module>();
  const pending = [...wanted];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const path = paths.get(moduleName(name));
    if (!path || modules.has(moduleName(name))) continue;
    const content = readFileSync(join(kernel.folder, path));
    const info = moduleInfo(content);
    const depends = info
      .flatMap(([key, value]) => (key === 'depends' ? value.split(',') : []))
      // A soft dependency to be loaded before, such as a check sum that a file system looks up by name.
      .concat(info.flatMap(([key, value]) => (key === 'softdep' ? softDependencies(value) : [])))
      .map(moduleName)
      .filter((each) => paths.has(each));
    const aliases = info.flatMap(([key, value]) => (key === 'alias' ? [value] : []));
    modules.set(moduleName(name), { path, content, depends, aliases });
    pending.push(...depends);
  }
  return modules;
}

/** "pre: a b post: c" gives a and b. */
function softDependencies(value: string): string[] {
  return (/pre:\s*([^:]*?)(?:\s+post:|$)/.exec(value)?.[1] ?? '').split(/\s+/).filter(Boolean);
}

/** Everything that must be loaded before a module, in an order that works. */
function beforeModule(
  modules: ReadonlyMap<string, Module>,
  name: string,
  found = new Set<string>(),
): Set<string> {
  for (const each of modules.get(name)?.depends ?? []) {
    if (!found.has(each)) beforeModule(modules, each, found).add(each);
  }
  return found;
}
