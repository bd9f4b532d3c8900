import type { DhcpOption } from '../../neutron/dhcp-agent.ts';
import { bootloaders } from './bootloaders.ts';

/**
 * What Ironic has Neutron's DHCP tell a node (ironic/common/pxe_utils.py, dhcp_options_for_instance): firmware fetches
 * its boot loader by TFTP, that for BIOS or that for UEFI as its own option 93 says; iPXE, which tells itself by option
 * 175, is given a script's address.
 *
 * @param server the conductor's address
 * @param script the URL of the node's iPXE script; undefined for TFTP alone
 */
export function bootOptions(server: string, script: string | undefined): DhcpOption[] {
  const { bios, efi, efiByTftp } = bootloaders;
  const files: DhcpOption[] = script
    ? [
        { option: 'bootfile-name', value: bios, tags: ['!ipxe', '!efi'] },
        { option: 'bootfile-name', value: efi, tags: ['!ipxe', 'efi'] },
        { option: 'bootfile-name', value: script, tags: ['ipxe'] },
      ]
    : [
        { option: 'bootfile-name', value: bios, tags: ['!efi'] },
        { option: 'bootfile-name', value: efiByTftp, tags: ['efi'] },
      ];
  return [
    ...files,
    { option: 'server-ip-address', value: server },
    { option: 'tftp-server', value: server },
    { option: '150', value: server },
    // Encapsulated option 176, no-pxedhcp: iPXE otherwise waits seconds for a proxyDHCP server.
    { option: 'encap:175,176', value: '1b', tags: ['ipxe'] },
  ];
}
