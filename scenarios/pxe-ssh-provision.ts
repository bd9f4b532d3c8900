import { dhcp, type FrameTest, inOrder, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A VM on brbm is provisioned by pxe_ssh',
  teaches: `Power and boot device are virsh over SSH. The ramdisk exports the VM's disk by iSCSI, the conductor writes a
    root partition to it, and from then on the VM boots kernel and ramdisk over the network into its own root. Behind
    brbm this works on flat and VLAN networks alike; on vlan all of it goes through the router's SNAT.`,
  outcomes: { flat: 'login prompt', vlan: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, tftpServer } = run;
    const vm = run.vm(0);
    const { result, evidence } = await run.capture(() => ironic.provision(vm.name, { driver: 'pxe_ssh' }), {
      points: [run.points.dhcp, tftpServer.point],
    });
    run.claim(
      'dnsmasq gives it its address',
      inOrder(evidence, run.points.dhcp, {
        DISCOVER: dhcp('DISCOVER', vm.mac),
        ACK: dhcp('ACK', vm.mac, vm.ip),
      }),
    );
    run.claim(
      'ramdisk first, then iSCSI log-in and writes, then the system’s own kernel',
      inOrder(evidence, tftpServer.point, {
        'boot.ipxe': requests('GET', '/boot.ipxe'),
        deploy_ramdisk: requests('GET', '/deploy_ramdisk'),
        pass_deploy_info: requests('POST', '/pass_deploy_info'),
        'iSCSI login': ({ decoded }) => decoded.iscsi?.some(({ login }) => login !== undefined) ?? false,
        'SCSI write': ({ decoded }) =>
          decoded.iscsi?.some(({ scsiOpcode }) => scsiOpcode === 0x2a || scsiOpcode === 0x8a) ?? false,
        kernel: requests('GET', '/kernel'),
      }),
    );
    run.claim('the root partition is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(vm.name)));
    return result.outcome;
  },
});

function requests(method: string, end: string): FrameTest {
  return ({ decoded }) =>
    decoded.http?.some((it) => it.kind === 'request' && it.method === method && it.target.endsWith(end)) ??
    false;
}
