import { claimNextDeployment, failedWithin, lastErrorSays, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A node loses its power while its image is written',
  teaches: `An agent that writes an image goes on calling. When its node loses power the calls stop, which is all that
    the conductor can see of it; after heartbeat_timeout the deployment fails, and the next one begins from the start.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const vm = run.vm(0);
    let lost: Promise<void> | undefined;
    const failed = await ironic.provision(vm.name, {
      driver: 'agent_ssh',
      heartbeatTimeoutMs: 10_000,
      onPhase: (name) => {
        if (name === 'agent') lost = ironic.isBeingWritten(vm.name).then(() => vm.powerOff());
      },
    });
    await lost;
    run.claim('it fails within 120 s', failedWithin(failed, 120));
    run.claim('the agent had called', failed.phases.includes('agent'));
    run.claim('its image was never reported written', !failed.phases.includes('image written'));
    run.claim(
      'last_error tells of its silence',
      lastErrorSays(failed, /its agent has sent no heartbeat for 10 s; last seen: agent \(calls from http:/),
    );
    await claimNextDeployment(run, vm.name);
    return failed.outcome;
  },
});
