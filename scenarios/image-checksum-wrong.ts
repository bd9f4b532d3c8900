import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'The image is not what its checksum says',
  teaches: `The agent sums the image up while it streams it to the disk. When the sum is not the one that the conductor
    has told, the deployment fails, and the node is not booted from what is on its disk.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    const { outcome, lastError, phases } = await ironic.provision(server.name, {
      driver: 'agent_ipmitool',
      checksum: 'd41d8cd98f00b204e9800998ecf8427e',
    });
    run.claim('last_error tells both sums', lastError?.includes('d41d8cd98f00b204e9800998ecf8427e') ?? false);
    run.claim('the server did not boot from its disk', !phases.includes('first boot'));
    const { power_state } = await ironic.node(server.name);
    run.claim('its power is off', power_state === 'power off');
    const next = await ironic.provision(server.name);
    run.claim('the next deployment succeeds', next.outcome === 'login prompt');
    return outcome;
  },
});
