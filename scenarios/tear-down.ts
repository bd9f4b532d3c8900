import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'An instance is torn down',
  teaches: `Tearing down takes the power and all that the node booted from away: its folder in the TFTP tree and its DHCP
    options. The node is available again; what is on its disk stays there until the next deployment.`,
  outcomes: { flat: 'available' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, tftpServer } = run;
    const vm = run.vm(0);
    const { outcome } = await ironic.provision(vm.name, { driver: 'pxe_ssh' });
    run.claim('it was deployed before', outcome === 'login prompt');
    const { uuid } = await ironic.node(vm.name);
    run.claim('its boot files were there', tftpServer.has(uuid));
    const state = await ironic.tearDown(vm.name);
    const { power_state, instance_info } = await ironic.node(vm.name);
    run.claim('its power is off', power_state === 'power off');
    run.claim('it has no instance', instance_info === null);
    run.claim('its boot files are gone', !tftpServer.has(uuid));
    return state === null ? 'available' : String(state);
  },
});
