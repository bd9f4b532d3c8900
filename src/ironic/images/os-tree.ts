import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverModules } from '../../ipa/ramdisk.ts';
import { addBusybox } from './busybox.ts';
import { FileTree } from './file-tree.ts';
import { addModules, type Kernel } from './kernel.ts';
import {
  configDriveScript,
  consoleLoginScript,
  inittab,
  jsonScript,
  networkScript,
  osLeaseScript,
  osRamdiskScript,
  rcScript,
} from './os-scripts.ts';
import { Programs } from './programs.ts';

/** The Debian packages of the small operating system beside the kernel. */
export const osPackages = [
  ...['busybox-static', 'dropbear-bin', 'libc6', 'libcrypt1', 'zlib1g', 'libtomcrypt1', 'libtommath1'],
  ...['libgmp10', 'systemd-boot-efi'],
];

/** For a config drive, and for the button by which a machine is asked to power off. */
const osModules = ['isofs', 'vfat', 'nls_cp437', 'nls_ascii', 'nls_utf8', 'nls_iso8859-1', 'button', 'evdev'];

/** Without a config drive `lab` logs in with the password `lab`, on the console alone. */
const shadow = `root:!:19000:0:99999:7:::
lab:$6$labos$iBF3aCkNizqVXa9MQ/3n5sX1NKDt.2B2n0z9NziVHGWU69lfjtUoB3eyJ9BRLECxO/Oa22IEXil8YPvwyt2Gr0:19000:0:99999:7:::
`;

/** The root file system: busybox, an SSH server, and the few scripts that make a system of them. */
export async function osTree(kernel: Kernel, root: (packageName: string) => string): Promise<FileTree> {
  const tree = new FileTree();
  for (const path of ['dev', 'proc', 'sys', 'run', 'tmp', 'mnt', 'var/log', 'var/lib/lab', 'home'])
    tree.directory(path);
  tree.directory('root', 0o700);
  tree.directory('home/lab', 0o755);
  tree.link('var/run', '/run');
  await addBusybox(tree, root('busybox-static'));
  for (const name of ['init', 'reboot', 'poweroff', 'halt', 'getty'])
    tree.link(`sbin/${name}`, '/bin/busybox');
  const programs = new Programs(tree, osPackages.map(root));
  for (const path of ['usr/sbin/dropbear', 'usr/bin/dropbearkey', 'usr/bin/dbclient'])
    programs.add(path, readFileSync(join(root('dropbear-bin'), path)));
  addModules(tree, kernel, [...driverModules(kernel.release), ...osModules]);
  // Before devtmpfs is there.
  tree.device('dev/console', 5, 1, 0o600);
  tree.device('dev/null', 1, 3, 0o666);
  tree.file('etc/inittab', inittab);
  tree.file('etc/init.d/rcS', rcScript, 0o755);
  tree.file('etc/init.d/network', networkScript, 0o755);
  tree.file('etc/hostname', 'lab-os\n');
  tree.file('etc/hosts', '127.0.0.1 localhost\n');
  tree.file('etc/issue', 'No config drive: log in here as lab with the password lab.\n\n');
  tree.file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nlab:x:1000:1000:lab:/home/lab:/bin/sh\n');
  tree.file('etc/group', 'root:x:0:\ntty:x:5:\nlab:x:1000:\n');
  tree.file('etc/shadow', shadow, 0o600);
  tree.file('etc/shells', '/bin/sh\n');
  tree.file('etc/acpi/PWRF/00000080', '#!/bin/sh\npoweroff\n', 0o755);
  tree.file('usr/lib/lab/config-drive', configDriveScript, 0o755);
  tree.file('usr/lib/lab/console-login', consoleLoginScript, 0o755);
  tree.file('usr/lib/lab/json.awk', jsonScript);
  tree.file('usr/lib/lab/lease', osLeaseScript, 0o755);
  return tree;
}

/** The ramdisk that finds the root file system. */
export async function osRamdiskTree(
  kernel: Kernel,
  root: (packageName: string) => string,
): Promise<FileTree> {
  const tree = new FileTree();
  for (const path of ['dev', 'proc', 'sys', 'root']) tree.directory(path);
  await addBusybox(tree, root('busybox-static'));
  addModules(tree, kernel, driverModules(kernel.release));
  tree.file('init', osRamdiskScript, 0o755);
  return tree;
}
