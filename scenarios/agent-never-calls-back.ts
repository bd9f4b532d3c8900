import {
  claimNextDeployment,
  failedWithin,
  httpRequest,
  lastErrorSays,
  scenario,
  seenAt,
} from 'baremetal-lab';

const apiPort = 6385;

export default scenario({
  title: 'The agent never calls back',
  teaches: `The ramdisk boots and its agent runs, but what it sends to the conductor's API is dropped on the way, by a rule
    that somebody left in br-int. A node that has been booted into its ramdisk is waited for, but not for ever: after
    deploy_callback_timeout the deployment fails, with the last step that was seen of the node's boot.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, tftpServer } = run;
    const vm = run.vm(0);
    const mend = await run.faults.blockedApi(vm);
    const { result: failed, evidence } = await run.capture(
      () => ironic.provision(vm.name, { driver: 'agent_ssh', callbackTimeoutMs: 40_000 }),
      { points: [run.points.brbm, run.points.integration, tftpServer.point] },
    );
    run.claim('it fails within 90 s', failedWithin(failed, 90));
    run.claim(
      'last_error tells how long it was waited for, and that the ramdisk was seen',
      lastErrorSays(failed, /did not call back within 40 s; last seen: ramdisk \(by HTTP/),
    );
    run.claim(
      'the node fetched its ramdisk',
      seenAt(evidence, tftpServer.point, 'GET', httpRequest('GET', '/deploy_ramdisk')),
    );
    const call = await evidence.journey(
      `the agent’s call`,
      ({ decoded: { ipv4, tcp } }) => ipv4?.src === vm.ip && tcp?.dstPort === apiPort,
      { to: tftpServer.point },
    );
    run.claim('its agent called', call.visits(run.points.brbm));
    run.claim('a rule of br-int dropped the call', call.isDroppedIn('br-int'));
    run.claim('it never came to the conductor', call.neverReaches(tftpServer.point));
    await mend();
    const { power_state } = await ironic.node(vm.name);
    run.claim('its power is off', power_state === 'power off');
    await claimNextDeployment(run, vm.name);
    return failed.outcome;
  },
});
