import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'The image is larger than the disk',
  teaches: `A qcow2 file tells how large the disk is that it describes. The agent compares before it writes; the
    deployment fails with both sizes, and the next image that fits is deployed.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    const { outcome, lastError, phases } = await ironic.withImageOf(100, (image) =>
      ironic.provision(server.name, { driver: 'agent_ipmitool', image }),
    );
    run.claim(
      'last_error tells the size of the image',
      /107374182400|100 GiB|107\.4 GB/.test(lastError ?? ''),
    );
    run.claim('nothing was written', !phases.includes('image written'));
    const next = await ironic.provision(server.name);
    run.claim('the next deployment succeeds', next.outcome === 'login prompt');
    return outcome;
  },
});
