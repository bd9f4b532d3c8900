import {
  dhcp,
  dhcpOptions,
  httpRequest,
  inOrder,
  iscsiLogin,
  scenario,
  scsiWrite,
  seenAt,
  tftpRequest,
} from 'baremetal-lab';

export default scenario({
  title: 'A VM on brbm is provisioned by pxe_ssh',
  teaches: `Power and boot device are virsh over SSH. The ramdisk exports the VM's disk by iSCSI, the conductor writes a
    root partition to it, and from then on the VM boots kernel and ramdisk over the network into its own root. Behind
    brbm this works on flat and VLAN networks alike; on vlan all of it goes through the router's SNAT.`,
  outcomes: { flat: 'login prompt', vlan: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, points, tftpServer } = run;
    const vm = run.vm(0);
    const { result, evidence } = await run.capture(() => ironic.provision(vm.name, { driver: 'pxe_ssh' }), {
      points: [points.dhcp, tftpServer.point],
    });
    const { uuid } = await ironic.node(vm.name);
    run.claim(
      'dnsmasq gives it its address, boot script (option 67) and TFTP server (66)',
      inOrder(evidence, points.dhcp, {
        DISCOVER: dhcp('DISCOVER', vm.mac),
        OFFER: dhcp('OFFER', vm.mac, vm.ip),
        'ACK with the script': dhcpOptions('ACK', vm.mac, { 66: tftpServer.ip, 67: '/boot.ipxe' }),
      }),
    );
    run.claim(
      'ramdisk first, then iSCSI log-in and writes, then the system’s own kernel',
      inOrder(evidence, tftpServer.point, {
        'boot.ipxe': httpRequest('GET', '/boot.ipxe'),
        deploy_ramdisk: httpRequest('GET', '/deploy_ramdisk'),
        pass_deploy_info: httpRequest('POST', '/pass_deploy_info'),
        'iSCSI log-in to the node’s target': iscsiLogin(`:${uuid}`),
        'SCSI write': scsiWrite,
        kernel: httpRequest('GET', '/kernel'),
      }),
    );
    run.claim(
      'the ramdisk has its token by TFTP',
      seenAt(evidence, tftpServer.point, 'request for the token', tftpRequest(`token-${uuid}`)),
    );
    run.claim('the root partition is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(vm.name)));
    const said = await ironic.overSsh(vm.ip, 'hostname');
    run.claim('a login over the network finds the new system', said === vm.name.replace('_', '-'));
    return result.outcome;
  },
});
