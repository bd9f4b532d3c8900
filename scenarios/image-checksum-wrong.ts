import { claimNextDeployment, failedWithin, lastErrorSays, scenario } from 'baremetal-lab';

const wrong = 'd41d8cd98f00b204e9800998ecf8427e';

export default scenario({
  title: 'The image is not what its checksum says',
  teaches: `The agent sums the image up while it streams it to the disk. When the sum is not the one that the conductor
    has told, the deployment fails, and the node is not booted from what is on its disk. A PXE driver's conductor has the
    image itself: it sums it up before it boots the node for it, and writes nothing.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    const failed = await ironic.provision(server.name, { driver: 'agent_ipmitool', checksum: wrong });
    run.claim('it fails within 120 s', failedWithin(failed, 120));
    run.claim(
      'last_error tells the image, where it is, and both sums',
      lastErrorSays(
        failed,
        new RegExp(
          `failed to verify against checksum. location: http://\\S+/disk.qcow2; image ID: lab-os; .*${wrong}; verification checksum: [0-9a-f]{32}`,
        ),
      ),
    );
    run.claim('the server did not boot from its disk', !failed.phases.includes('first boot'));
    const { power_state } = await ironic.node(server.name);
    run.claim('its power is off', power_state === 'power off');
    await claimNextDeployment(run, server.name);

    const vm = run.vm(0);
    const refused = await ironic.provision(vm.name, { driver: 'pxe_ssh', checksum: wrong });
    run.claim('pxe_ssh: it fails within 120 s', failedWithin(refused, 120));
    run.claim(
      'pxe_ssh: last_error tells the image, its file, and both sums',
      lastErrorSays(
        refused,
        new RegExp(
          `image lab-os is not .* MD5 of \\S+/root.ext4 is [0-9a-f]{32}, but ${wrong} was asked for`,
        ),
      ),
    );
    run.claim('pxe_ssh: the VM was not even powered on', !refused.phases.includes('power on'));
    return refused.outcome === failed.outcome ? failed.outcome : refused.outcome;
  },
});
