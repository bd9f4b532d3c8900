import { claimNextDeployment, failedWithin, lastErrorSays, saidInOrder, scenario } from 'baremetal-lab';

export default scenario({
  title: 'The BMC acknowledges a power-on that never happens',
  teaches: `An acknowledgement is no power. The conductor commands once and then reads the power until it is what was
    asked for; a BMC that says "done" and does nothing is found out, and the deployment fails before anybody waits for a
    server that is off.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    const mend = await run.faults.lyingBmc(server);
    const failed = await ironic.provision(server.name, { driver: 'agent_ipmitool', powerTimeoutMs: 6_000 });
    await mend();
    run.claim('it fails within 60 s', failedWithin(failed, 60));
    run.claim(
      'last_error tells what was commanded, what was acknowledged, and what was read',
      lastErrorSays(
        failed,
        /to be in state "power on", which its BMC has acknowledged; last seen: power off/,
      ),
    );
    const asked = ironic.bmcRequests(server.name);
    run.claim(
      'power-on was acknowledged, and the power read again and again after it',
      saidInOrder(asked, ['Chassis Control: power on', 'Get Chassis Status', 'Get Chassis Status']),
    );
    run.claim(
      'it was commanded once',
      asked.filter((what) => what === 'Chassis Control: power on').length === 1,
    );
    run.claim(
      'nothing was waited for that a server without power cannot do',
      !failed.phases.includes('DISCOVER'),
    );
    const { power_state } = await ironic.node(server.name);
    run.claim('the power is known to be off', power_state === 'power off');
    await claimNextDeployment(run, server.name);
    return failed.outcome;
  },
});
