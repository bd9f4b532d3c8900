import {
  claimNextDeployment,
  failedWithin,
  lastErrorSays,
  scenario,
  seenAt,
  tftpRequest,
} from 'baremetal-lab';

const mebibyte = 2 ** 20;

export default scenario({
  title: 'The TFTP server is gone in mid-transfer',
  teaches: `Firmware that has TFTP alone fetches PXELINUX, its configuration, kernel and ramdisk by it, block by block. When
    the server dies in the middle, no packet says so: the node asks for its block a while and gives up, and the
    conductor learns of it by its own clock alone, deploy_callback_timeout.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, tftpServer } = run;
    const vm = run.vm(0);
    const { uuid } = await ironic.node(vm.name);
    const kernel = `${uuid}/deploy_kernel`;
    const { result: failed, evidence } = await run.capture(
      async () => {
        const provisioned = ironic.provision(vm.name, {
          driver: 'pxe_ssh',
          bootInterface: 'pxe',
          callbackTimeoutMs: 30_000,
        });
        await Promise.race([tftpServer.isSending(kernel, mebibyte, 60_000), provisioned]);
        await tftpServer.kill();
        return provisioned;
      },
      { points: [tftpServer.point] },
    );
    await tftpServer.start();
    run.claim('it fails within 90 s', failedWithin(failed, 90));
    run.claim(
      'last_error tells how long it was waited for, what was seen last and what was not',
      lastErrorSays(
        failed,
        /did not call back within 30 s; last seen: bootloader \(by TFTP\); it fetched no kernel/,
      ),
    );
    for (const file of ['pxelinux.0', kernel]) {
      const what = file === kernel ? 'its kernel' : file;
      run.claim(
        `the VM asked for ${what} by TFTP`,
        seenAt(evidence, tftpServer.point, `request for ${file}`, tftpRequest(file)),
      );
    }
    const blocks = evidence.frames.filter(
      ({ decoded: { tftp } }) => tftp?.opcode === 3 && tftp.file === kernel,
    ).length;
    run.claim('and got a part of it', blocks > 0);
    const { power_state } = await ironic.node(vm.name);
    run.claim('its power is off', power_state === 'power off');
    await claimNextDeployment(run, vm.name);
    return failed.outcome;
  },
});
