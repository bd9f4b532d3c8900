import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'Two nodes are provisioned at once',
  teaches: `The conductor works on many nodes at a time, one task a node. A VM by pxe_ssh and a physical server by
    agent_ipmitool are deployed together; each gets its own files, options and image.`,
  outcomes: { flat: 'both' },
  tags: ['provisioning'],
  weight: { memory: 1800 },

  async run(run) {
    const { ironic } = run;
    const vm = run.vm(0);
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    const [first, second] = await Promise.all([
      ironic.provision(vm.name, { driver: 'pxe_ssh' }),
      ironic.provision(server.name, { driver: 'agent_ipmitool' }),
    ]);
    run.claim('the VM has its root partition', first.imageIsOnDisk);
    run.claim('the server has its whole disk', second.imageIsOnDisk);
    const outcomes = [first.outcome, second.outcome].filter((outcome) => outcome === 'login prompt');
    return outcomes.length === 2 ? 'both' : 'not both';
  },
});
