import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'A node is rebuilt',
  teaches: `A rebuild deploys the same image again to a node that has an instance, without giving the node back: what the
    instance had written to its disk is gone, and a new system comes up in its place.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    await ironic.provision(server.name, { driver: 'agent_ipmitool' });
    await ironic.overSsh(server.ip, 'echo mine > mine; sync');
    const { outcome, imageIsOnDisk } = await ironic.provision(server.name, { rebuild: true });
    run.claim('the image is on the disk again, byte for byte', imageIsOnDisk);
    const left = await ironic.overSsh(server.ip, 'ls mine 2>/dev/null || echo gone');
    run.claim('what the instance had written is gone', left === 'gone');
    return outcome;
  },
});
