import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '../errors.ts';
import { makeFolder } from '../linux/files.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { bannerHook, hookFile } from './banner-hook.ts';

const driverFolder = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver';

/** Only the drivers that a node of the figures needs: each that libvirtd loads costs time and memory. */
const drivers = ['libvirt_driver_qemu.so', 'libvirt_driver_storage.so', 'libvirt_driver_network.so'];

/**
 * QEMU runs as the host's root, without the confinement that a host's namespaces give already. Owners are not remembered:
 * that is done in extended attributes which the host of an ordinary user may not set.
 */
const qemuConf = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
dynamic_ownership = 0
remember_owner = 0
stdio_handler = "logd"
`;

const libvirtdConf = `unix_sock_group = "root"
auth_unix_ro = "none"
auth_unix_rw = "none"
`;

/** A console's log is one file: readers follow it, and rolling it over would cost them what they have not read. */
const virtlogdConf = 'max_size = 1073741824\n';

/**
 * Starts libvirtd (qemu:///system) and virtlogd in a host, with these domains defined.
 *
 * @param domains libvirt's XML by domain name; libvirtd reads them from its configuration as it starts
 */
export async function startLibvirtd(host: Host, domains: Readonly<Record<string, string>>): Promise<void> {
  const etc = seenFromOutside(host, '/etc/libvirt');
  writeFileSync(join(etc, 'qemu.conf'), qemuConf);
  writeFileSync(join(etc, 'libvirtd.conf'), libvirtdConf);
  writeFileSync(join(etc, 'virtlogd.conf'), virtlogdConf);
  makeFolder(join(etc, dirname(hookFile)), 0o755);
  writeFileSync(join(etc, hookFile), bannerHook, { mode: 0o755 });
  for (const [name, xml] of Object.entries(domains)) writeFileSync(join(etc, 'qemu', `${name}.xml`), xml);
  const ownDrivers = seenFromOutside(host, '/run/libvirt/drivers');
  makeFolder(ownDrivers, 0o755);
  for (const driver of drivers) symlinkSync(join(driverFolder, driver), join(ownDrivers, driver));
  const script = ['virtlogd -d', 'exec env LIBVIRT_DRIVER_DIR=/run/libvirt/drivers libvirtd -d'];
  await runIn(host, ['sh', '-ec', script.join('\n')]);
  const { stdout } = await runIn(host, ['virsh', '--connect', 'qemu:///system', 'list', '--all', '--name']);
  const defined = new Set(stdout.split('\n').filter((line) => line !== ''));
  const missing = Object.keys(domains).filter((name) => !defined.has(name));
  if (missing.length > 0) {
    throw new LabError(
      'lab-failed',
      `libvirtd in ${host.name} did not take the domains ${missing.join(', ')}`,
      {
        remedy: `read its words: lab exec ${host.name} -- cat /var/log/libvirt/libvirtd.log`,
      },
    );
  }
}
