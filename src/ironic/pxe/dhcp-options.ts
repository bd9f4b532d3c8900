import type { DhcpOption } from '../../neutron/dhcp-agent.ts';

/**
 * What Ironic has Neutron's DHCP tell a node (ironic/common/pxe_utils.py, dhcp_options_for_instance): plain PXE
 * firmware fetches pxelinux.0 by TFTP; iPXE, which tells itself by option 175, is given a script's address.
 *
 * @param server the conductor's address
 * @param script the URL of the node's iPXE script; undefined has iPXE fetch pxelinux.0 as well
 */
export function bootOptions(server: string, script: string | undefined): DhcpOption[] {
  const files: DhcpOption[] = script
    ? [
        { option: 'bootfile-name', value: 'pxelinux.0', unlessTag: 'ipxe' },
        { option: 'bootfile-name', value: script, tag: 'ipxe' },
      ]
    : [{ option: 'bootfile-name', value: 'pxelinux.0' }];
  return [
    ...files,
    { option: 'server-ip-address', value: server },
    { option: 'tftp-server', value: server },
    { option: '150', value: server },
    // Encapsulated option 176, no-pxedhcp: iPXE otherwise waits seconds for a proxyDHCP server.
    { option: 'encap:175,176', value: '1b', tag: 'ipxe' },
  ];
}
