import {
  allOf,
  claimNextDeployment,
  type FrameTest,
  failedWithin,
  fromIp,
  lastErrorSays,
  scenario,
  seenAt,
  toIp,
} from 'baremetal-lab';

export default scenario({
  title: 'The BMC answers nothing',
  teaches: `IPMI is UDP: nobody says that a BMC is gone. ipmitool asks again and again, and the conductor gives up when its
    patience (ipmi.retry_timeout) has passed, without having changed anything. As soon as the BMC is heard again, the
    node can be deployed.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    await ironic.node(server.name);
    const mend = await run.faults.silentBmc(server);
    const { result: failed, evidence } = await run.capture(
      () => ironic.provision(server.name, { driver: 'agent_ipmitool', powerTimeoutMs: 4_000 }),
      { points: ['rack/mgmt'] },
    );
    await mend();
    run.claim('it fails within 60 s', failedWithin(failed, 60));
    run.claim(
      'last_error says that the BMC answers nothing, and where it was asked',
      lastErrorSays(failed, new RegExp(`the BMC of node ${server.name} at ${server.bmc.ip} answers nothing`)),
    );
    run.claim(
      'the BMC was asked',
      seenAt(evidence, 'rack/mgmt', 'request', allOf(toIp(server.bmc.ip), isIpmi)),
    );
    run.claim(
      'and never answered',
      evidence.neverAt('rack/mgmt', 'answers of the BMC', allOf(fromIp(server.bmc.ip), isIpmi)),
    );
    run.claim('the server was never powered on', !failed.phases.includes('power on'));
    await claimNextDeployment(run, server.name);
    return failed.outcome;
  },
});

const isIpmi: FrameTest = ({ decoded }) => decoded.rmcp !== undefined;
