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
      // Sent along with the request: the ramdisk knows by it which NIC it was booted from.
      'ipappend 2',
    ].join('\n');
  return [
    `default ${entry}`,
    '',
    label('deploy', deploy),
    ...(boot ? ['', label('boot', boot)] : []),
    '',
  ].join('\n');
}

/** The same for iPXE, in the form of Juno's ipxe_config.template: files come by HTTP. */
export function ipxeScript(
  { uuid, default: entry, deploy, boot }: BootConfiguration,
  httpRoot: string,
): string {
  const label = (name: string, it: BootEntry) =>
    [
      `:${name}`,
      `kernel ${httpRoot}/${uuid}/${it.kernel} ${it.arguments} BOOTIF=\${mac} initrd=${it.ramdisk}`,
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
