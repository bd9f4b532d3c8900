import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'A physical server is provisioned by pxe_ipmitool',
  teaches: `PXE and iSCSI do not care how the node's power is reached: with IPMI they deploy a physical server just as they
    deploy a VM, where the network lets its DISCOVER through.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    const { outcome, imageIsOnDisk, phases } = await ironic.provision(server.name, {
      driver: 'pxe_ipmitool',
    });
    run.claim('its disk was exported by iSCSI', phases.includes('iSCSI'));
    run.claim('the root partition is on the disk, byte for byte', imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(server.name)));
    return outcome;
  },
});
