import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { agentBundle } from '../../ipa/agent-bundle.ts';
import { initScript, iscsiDeployScript, leaseScript, rootLoginScript } from '../../ipa/init-script.ts';
import { agentTree, baseTree } from '../../ipa/ramdisk.ts';
import { digestOf, treeDigest, writeInitramfs } from './archive.ts';
import { openKernel } from './kernel.ts';
import type { PackageSet } from './package-set.ts';
import type { ImageStore, StoredImage } from './store.ts';

/** Of zstd: what takes longer makes the ramdisk hardly smaller, and it is unpacked at the same speed. */
const level = 12;

export const deployName = 'deploy';

/** What the lab's own code and this machine's node put into the ramdisk. */
export async function deployRecipe(): Promise<string> {
  const scripts = [initScript, leaseScript, iscsiDeployScript, rootLoginScript];
  return digestOf(await agentBundle(), ...scripts, process.version, process.execPath);
}

/** The deploy ramdisk: `kernel`, `ramdisk`, and `ramdisk-iscsi`, which has no agent and is a fifth of it. */
export async function buildDeploy(store: ImageStore, packages: PackageSet): Promise<StoredImage> {
  const kernel = openKernel(packages.kernelRoot);
  const base = await baseTree(kernel, packages.root);
  const agent = agentTree(readFileSync(process.execPath), await agentBundle(), packages.root);
  const id = digestOf(treeDigest(base), treeDigest(agent), kernel.release, String(level)).slice(0, 16);
  const facts = { kernel: kernel.release, node: process.version };
  const recipe = await deployRecipe();
  const image = { kind: 'deploy', name: deployName, id, recipe, facts, packages: packages.versions } as const;
  return store.ensure(image, async (folder) => {
    writeFileSync(join(folder, 'kernel'), kernel.image);
    const iscsi = join(folder, 'ramdisk-iscsi');
    const whole = join(folder, 'ramdisk');
    const agentPart = join(folder, 'agent');
    await writeInitramfs(base, iscsi, level);
    await writeInitramfs(agent, agentPart, level);
    // The kernel unpacks one archive after the other.
    await pipeline(createReadStream(iscsi), createWriteStream(whole));
    await pipeline(createReadStream(agentPart), createWriteStream(whole, { flags: 'a' }));
    await rm(agentPart);
    return undefined;
  });
}
