import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'A VM on brbm is provisioned by agent_ssh',
  teaches: `The agent does not care how the node's power is reached: with virsh over SSH it deploys a VM on brbm just as it
    deploys a physical server, on flat and on vlan, where its calls and the image go through the router's SNAT.`,
  outcomes: { flat: 'login prompt', vlan: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const vm = run.vm(0);
    const { outcome, imageIsOnDisk, phases } = await ironic.provision(vm.name, { driver: 'agent_ssh' });
    run.claim('the agent called', phases.includes('agent'));
    run.claim('the image is on the disk, byte for byte', imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(vm.name)));
    return outcome;
  },
});
