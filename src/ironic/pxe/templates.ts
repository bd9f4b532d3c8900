/** What a node is to boot: a kernel and a ramdisk, by the names they have in the node's folder, and their arguments. */
export interface BootEntry {
  readonly kernel: string;
  readonly ramdisk: string;
  readonly arguments: string;
}

/** The two entries of a node's boot configuration and which is the default. */
export interface BootConfiguration {
  readonly uuid: string;
  readonly default: 'deploy' | 'boot';
  readonly deploy: BootEntry;
  /** Known once the image is on the disk. */
  readonly boot: BootEntry | undefined;
}

/** PXELINUX's configuration, in the form of Juno's ironic/drivers/modules/pxe_config.template. */
export function pxelinuxConfig({ uuid, default: entry, deploy, boot }: BootConfiguration): string {
  const label = (name: string, it: BootEntry) =>
    [
      `label ${name}`,
      `kernel ${uuid}/${it.kernel}`,
      `append initrd=${uuid}/${it.ramdisk} ${it.arguments}`,
      // The kernel is told the NIC it was booted from, and its address.
      'ipappend 3',
    ].join('\n');
  return [
    `default ${entry}`,
    '',
    label('deploy', deploy),
    ...(boot ? ['', label('boot', boot)] : []),
    '',
  ].join('\n');
}

/**
 * What PXELINUX's `ipappend 3` tells a kernel, in iPXE's words: the NIC it was booted from and the address that it has,
 * so that the ramdisk need not ask DHCP again.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE fills them in.
const bootedFrom = 'BOOTIF=01-${mac:hexhyp} ip=${ip}:${next-server}:${gateway}:${netmask}';

/** The same for iPXE, in the form of Juno's ipxe_config.template: files come by HTTP. */
export function ipxeScript(
  { uuid, default: entry, deploy, boot }: BootConfiguration,
  httpRoot: string,
): string {
  const label = (name: string, it: BootEntry) =>
    [
      `:${name}`,
      `kernel ${httpRoot}/${uuid}/${it.kernel} ${it.arguments} ${bootedFrom} initrd=${it.ramdisk}`,
      `initrd --name ${it.ramdisk} ${httpRoot}/${uuid}/${it.ramdisk}`,
      'boot',
    ].join('\n');
  return [
    '#!ipxe',
    '',
    `goto ${entry}`,
    '',
    label('deploy', deploy),
    ...(boot ? ['', label('boot', boot)] : []),
    '',
  ].join('\n');
}
