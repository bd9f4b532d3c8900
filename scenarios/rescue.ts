import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'An instance is rescued',
  teaches: `A rescue boots the ramdisk with a login on the serial console and leaves the disk alone: what is on it can be
    looked at and mended. After it the instance boots again, with all that it had.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    const { outcome } = await ironic.provision(server.name, { driver: 'agent_ipmitool' });
    await ironic.overSsh(server.ip, 'echo mine > mine; sync');
    await ironic.rescue(server.name, 'rescue');
    await ironic.consoleSays(server.name, 'rescue: a login as root');
    run.claim('the ramdisk offers a login on the console', true);
    await ironic.rescue(server.name, 'unrescue');
    const kept = await ironic.overSsh(server.ip, 'cat mine');
    run.claim('the instance has what it had', kept === 'mine');
    return outcome;
  },
});
