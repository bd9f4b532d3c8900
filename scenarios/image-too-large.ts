import { claimNextDeployment, failedWithin, lastErrorSays, scenario } from 'baremetal-lab';

export default scenario({
  title: 'The image is larger than the disk',
  teaches: `A qcow2 file tells how large the disk is that it describes. The agent compares before it writes; the
    deployment fails with both sizes, and the next image that fits is deployed.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    const diskBytes = server.disk_gib * 2 ** 30;
    const failed = await ironic.withImageOf(100, (image) =>
      ironic.provision(server.name, { driver: 'agent_ipmitool', image }),
    );
    run.claim('it fails within 120 s', failedWithin(failed, 120));
    run.claim(
      'last_error tells the size of the image and of the disk',
      lastErrorSays(failed, new RegExp(`needs ${100 * 2 ** 30} bytes, and the disk \\S+ has ${diskBytes}`)),
    );
    run.claim('nothing was written', !failed.phases.includes('image written'));
    const { power_state } = await ironic.node(server.name);
    run.claim('its power is off', power_state === 'power off');
    await claimNextDeployment(run, server.name);
    return failed.outcome;
  },
});
