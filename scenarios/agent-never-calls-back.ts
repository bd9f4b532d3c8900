import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'The ramdisk never calls back',
  teaches: `A node that has been booted into its ramdisk is waited for, but not for ever: after deploy_callback_timeout the
    deployment fails, with the last step that was seen of the node's boot, and its power is taken away.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const vm = run.vm(0);
    // Its firmware and kernel alone take longer.
    const { outcome, lastError } = await ironic.provision(vm.name, {
      driver: 'agent_ssh',
      callbackTimeoutMs: 1_000,
    });
    run.claim(
      'last_error tells how long it was waited for',
      lastError?.includes('did not call back within 1 s') ?? false,
    );
    run.claim('and what was seen last', lastError?.includes('last seen: ') ?? false);
    const { power_state } = await ironic.node(vm.name);
    run.claim('its power is off', power_state === 'power off');
    const next = await ironic.provision(vm.name);
    run.claim('the next deployment succeeds', next.outcome === 'login prompt');
    return outcome;
  },
});
