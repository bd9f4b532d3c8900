import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addBusybox } from '../ironic/images/busybox.ts';
import { FileTree } from '../ironic/images/file-tree.ts';
import { addModules, type Kernel } from '../ironic/images/kernel.ts';
import { Programs } from '../ironic/images/programs.ts';
import { initScript, iscsiDeployScript, leaseScript, rootLoginScript } from './init-script.ts';
import { shrinkNode } from './shrink-node.ts';

/** Drivers for the disks and network cards of QEMU's machines. */
const virtualDrivers = [
  ...['virtio_pci', 'virtio_mmio', 'virtio_blk', 'virtio_net', 'virtio_scsi', 'virtio_rng'],
  ...['sd_mod', 'sr_mod', 'ata_piix', 'ata_generic', 'ahci', 'nvme', 'e1000', 'e1000e', '8139cp'],
];

/** Drivers for those of servers, of which the kernel for clouds has none or few. */
const serverDrivers = [
  ...['mptspi', 'mptsas', 'mpt3sas', 'megaraid_sas', 'hpsa', 'smartpqi', 'aacraid'],
  ...['igb', 'igc', 'ixgbe', 'i40e', 'ice', 'tg3', 'bnx2', 'bnx2x', 'bnxt_en', 'be2net', 'r8169', '8139too'],
  ...[
    'pcnet32',
    'vmxnet3',
    'mlx4_en',
    'mlx5_core',
    'xhci_pci',
    'ehci_pci',
    'uhci_hcd',
    'usbhid',
    'hid_generic',
  ],
];

/**
 * The drivers of a ramdisk or system by its kernel's release. What that kernel has built in, or not at all, is left
 * out; a device asks for its own by its alias.
 */
export function driverModules(release: string): readonly string[] {
  return release.includes('-cloud-') ? virtualDrivers : [...virtualDrivers, ...serverDrivers];
}

/** The Debian packages of the ramdisk beside the kernel. */
export const ramdiskPackages = [
  ...['busybox-static', 'tgt', 'libc6', 'libgcc-s1', 'libstdc++6', 'util-linux', 'libblkid1'],
  ...['libaio1', 'libibverbs1', 'librdmacm1', 'libsystemd0', 'libnl-3-200', 'libnl-route-3-200'],
  ...['libcap2', 'libgcrypt20', 'libgpg-error0', 'liblzma5', 'libzstd1', 'liblz4-1'],
];

const password = `root:x:0:0:root:/root:/bin/sh
rescue:x:0:0:rescue:/root:/bin/sh
`;

/** Nobody logs in by password before a rescue sets one. */
const shadow = `root:!:19000:0:99999:7:::
rescue:!:19000:0:99999:7:::
`;

/**
 * What both deploys need: busybox, modules, tgtd, /init. With it alone Juno's iSCSI deploy works, from a ramdisk of a
 * quarter of the size.
 *
 * @param root of an unpacked package by its name
 */
export async function baseTree(kernel: Kernel, root: (packageName: string) => string): Promise<FileTree> {
  const tree = new FileTree();
  for (const path of ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'var/run', 'etc']) tree.directory(path);
  await addBusybox(tree, root('busybox-static'));
  const programs = new Programs(tree, [...ramdiskPackages.map(root), '/']);
  for (const path of ['usr/sbin/tgtd', 'usr/sbin/tgtadm'])
    programs.add(path, readFileSync(join(root('tgt'), path)));
  programs.add('sbin/blkdiscard', readFileSync(join(root('util-linux'), 'sbin/blkdiscard')));
  addModules(tree, kernel, driverModules(kernel.release));
  tree.file('init', initScript, 0o755);
  tree.file('usr/lib/lab/lease', leaseScript, 0o755);
  tree.file('usr/lib/lab/iscsi-deploy', iscsiDeployScript);
  tree.file('usr/lib/lab/root-login', rootLoginScript, 0o755);
  tree.file('etc/passwd', password);
  tree.file('etc/group', 'root:x:0:\ntty:x:5:\n');
  tree.file('etc/shadow', shadow, 0o600);
  tree.file('etc/hostname', 'deploy-ramdisk\n');
  return tree;
}

/**
 * What the agent needs beside that.
 *
 * @param node the node program, of the machine that builds
 * @param agent the bundled agent
 */
export function agentTree(node: Uint8Array, agent: string, root: (packageName: string) => string): FileTree {
  const tree = new FileTree();
  new Programs(tree, [...ramdiskPackages.map(root), '/']).add('usr/bin/node', node, shrinkNode);
  tree.file('usr/lib/lab/agent.cjs', agent);
  return tree;
}
