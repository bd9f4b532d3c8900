import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from '../node.ts';
import { type BootConfiguration, ipxeScript, pxelinuxConfig } from './templates.ts';

/** The TFTP tree of the conductor, which its HTTP server serves too (Juno: /tftpboot). */
export const tftpRoot = '/run/tftpboot';

function nodeFolder(node: Node): string {
  return join(tftpRoot, node.uuid);
}

function linkByMac(node: Node): string {
  // 01 is Ethernet's ARP hardware type, which PXELINUX puts before the MAC.
  return join(tftpRoot, 'pxelinux.cfg', `01-${node.mac.replaceAll(':', '-')}`);
}

export function tokenFile(node: Node): string {
  return join(tftpRoot, `token-${node.uuid}`);
}

/** Puts a file into a node's folder without a second copy of it, where the file system can. */
export function placeFile(node: Node, name: string, source: string): void {
  const target = join(nodeFolder(node), name);
  mkdirSync(nodeFolder(node), { recursive: true, mode: 0o755 });
  rmSync(target, { force: true });
  try {
    linkSync(source, target);
  } catch {
    // Another file system: a symbolic link serves TFTP and HTTP alike.
    symlinkSync(source, target);
  }
}

/** Writes a node's boot configuration for PXELINUX and iPXE. */
export function writeBootConfiguration(node: Node, configuration: BootConfiguration, httpRoot: string): void {
  const folder = nodeFolder(node);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, 'config'), pxelinuxConfig(configuration));
  writeFileSync(join(folder, 'boot.ipxe'), ipxeScript(configuration, httpRoot));
  mkdirSync(join(tftpRoot, 'pxelinux.cfg'), { recursive: true, mode: 0o755 });
  rmSync(linkByMac(node), { force: true });
  symlinkSync(`../${node.uuid}/config`, linkByMac(node));
}

/** Writes the token that the ramdisk shows when it calls, and that only a node with TFTP can read. */
export function writeToken(node: Node, token: string): void {
  writeFileSync(tokenFile(node), token, { mode: 0o644 });
}

/** Removes everything of a node. */
export function removeTree(node: Node): void {
  for (const path of [nodeFolder(node), linkByMac(node), tokenFile(node)]) {
    rmSync(path, { recursive: true, force: true });
  }
}
