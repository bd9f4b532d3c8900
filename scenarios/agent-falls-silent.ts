import {
  claimNextDeployment,
  failedWithin,
  fromMac,
  httpRequest,
  lastErrorSays,
  scenario,
  seenAt,
} from 'baremetal-lab';

export default scenario({
  title: 'The agent stops heart-beating',
  teaches: `The node is frozen while its agent writes the image: its power is on, its lease is good, and nothing comes from
    it any more. All that the conductor has is the time of the last heartbeat; after heartbeat_timeout it fails the
    deployment and takes the power away, and the next one begins from the start.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, points, tftpServer } = run;
    const vm = run.vm(0);
    let freeze: () => void = () => undefined;
    const frozen = new Promise<void>((resolve) => {
      freeze = resolve;
    });
    const { result, evidence: before } = await run.capture(
      async () => {
        const provisioned = ironic.provision(vm.name, {
          driver: 'agent_ssh',
          heartbeatTimeoutMs: 10_000,
          onPhase: (name) => {
            if (name === 'agent')
              void ironic
                .isBeingWritten(vm.name)
                .then(() => vm.freeze())
                .then(freeze);
          },
        });
        await Promise.race([frozen, provisioned]);
        return { provisioned };
      },
      { points: [tftpServer.point] },
    );
    const { result: failed, evidence: after } = await run.capture(() => result.provisioned, {
      points: [points.brbm],
    });
    run.claim('it fails within 120 s', failedWithin(failed, 120));
    run.claim(
      'last_error tells how long the agent was silent and what was seen last',
      lastErrorSays(failed, /its agent has sent no heartbeat for 10 s; last seen: agent \(calls from http:/),
    );
    run.claim(
      'the agent had called',
      seenAt(before, tftpServer.point, 'heartbeat', httpRequest('POST', '/heartbeat')),
    );
    run.claim(
      'and from then on nothing came from its node',
      after.neverAt(points.brbm, 'frame of it', fromMac(vm.mac)),
    );
    run.claim('its image was never reported written', !failed.phases.includes('image written'));
    const { power_state } = await ironic.node(vm.name);
    run.claim('its power is off', power_state === 'power off');
    await claimNextDeployment(run, vm.name);
    return failed.outcome;
  },
});
