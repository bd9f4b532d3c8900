import {
  dhcpOptions,
  httpRequest,
  inOrder,
  iscsiLogin,
  saidInOrder,
  scenario,
  scsiWrite,
} from 'baremetal-lab';

export default scenario({
  title: 'A physical server is provisioned by pxe_ipmitool',
  teaches: `PXE and iSCSI do not care how the node's power is reached: with IPMI they deploy a physical server just as they
    deploy a VM, where the network lets its DISCOVER through. It boots from the network for good: the boot device is set
    once.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, points } = run;
    const server = run.server();
    const { result, evidence } = await run.capture(
      () => ironic.provision(server.name, { driver: 'pxe_ipmitool' }),
      { points: [points.wire] },
    );
    const { uuid } = await ironic.node(server.name);
    const asked = ironic.bmcRequests(server.name);
    run.claim(
      'the BMC is told to boot the server from the network, and then to put its power on',
      saidInOrder(asked, [
        'Get Chassis Status',
        'Set System Boot Options: boot from pxe, persistent',
        'Chassis Control: power on',
        'Get Chassis Status',
      ]),
    );
    run.claim(
      'the power is put on once: the ramdisk itself restarts the server',
      asked.filter((what) => what === 'Chassis Control: power on').length === 1,
    );
    run.claim(
      'ramdisk first, then iSCSI log-in and writes, then the system’s own kernel',
      inOrder(evidence, points.wire, {
        'ACK with the script': dhcpOptions('ACK', server.mac, { 67: '/boot.ipxe' }),
        deploy_ramdisk: httpRequest('GET', '/deploy_ramdisk'),
        pass_deploy_info: httpRequest('POST', '/pass_deploy_info'),
        'iSCSI log-in to the node’s target': iscsiLogin(`:${uuid}`),
        'SCSI write': scsiWrite,
        kernel: httpRequest('GET', '/kernel'),
      }),
    );
    run.claim('the root partition is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(server.name)));
    const said = await ironic.overSsh(server.ip, 'hostname');
    run.claim('a login over the network finds the new system', said === server.name);
    return result.outcome;
  },
});
