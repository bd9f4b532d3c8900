import { dhcpOptions, httpRequest, inOrder, scenario, tftpRequest } from 'baremetal-lab';

const loader = 'snponly.efi';
/** 64-bit UEFI by IANA's list of processor architectures, in the two bytes of option 93. */
const efiX64 = '7';

export default scenario({
  title: 'A server with EFI firmware is provisioned through its own PXE',
  teaches: `UEFI firmware boots from the network by itself, but no boot loader made for BIOS: pxelinux.0 is to it a file that it
    cannot run. Which of the two asks is in the request: option 93, the client's architecture. So dnsmasq gives it an EFI
    program, iPXE, which asks again as iPXE and from there goes the way of all others. Its own disk it boots by the EFI
    system partition of the image.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],
  with: { vms: [], servers: [{ name: 'server-efi', kind: 'vm', firmware: 'efi', option_rom: false }] },

  async run(run) {
    const { points, ironic } = run;
    const server = run.server();
    const { result, evidence } = await run.capture(
      () => ironic.provision(server.name, { driver: 'agent_ipmitool' }),
      { points: [points.wire] },
    );
    run.claim(
      'the firmware says that it is EFI (option 93), and is given an EFI boot loader (67)',
      inOrder(evidence, points.wire, {
        'DISCOVER of EFI firmware': dhcpOptions('DISCOVER', server.mac, { 93: efiX64 }),
        'ACK with the boot loader': dhcpOptions('ACK', server.mac, { 66: run.tftpServer.ip, 67: loader }),
        'the boot loader by TFTP': tftpRequest(loader),
      }),
    );
    run.claim(
      'the boot loader asks as iPXE, and goes on by HTTP with its script, kernel and ramdisk',
      inOrder(evidence, points.wire, {
        'the boot loader by TFTP': tftpRequest(loader),
        'ACK with the script': dhcpOptions('ACK', server.mac, { 67: '/boot.ipxe' }),
        'boot.ipxe': httpRequest('GET', '/boot.ipxe'),
        kernel: httpRequest('GET', '/deploy_kernel'),
        ramdisk: httpRequest('GET', '/deploy_ramdisk'),
        'the agent’s look-up': httpRequest('POST', '/lookup'),
      }),
    );
    run.claim('the image is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(server.name)));
    const said = await ironic.overSsh(server.ip, '[ -d /sys/firmware/efi ] && hostname');
    run.claim('a login over the network finds the new system, booted by EFI', said === server.name);
    return result.outcome;
  },
});
