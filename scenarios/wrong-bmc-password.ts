import { claimNextDeployment, failedWithin, lastErrorSays, scenario } from 'baremetal-lab';

const wrong = 'guessed-password';

export default scenario({
  title: 'The BMC does not take the password',
  teaches: `With a wrong password no IPMI session comes about, so that the conductor can change neither power nor boot
    device. The deployment fails before the server has done anything; with the right password it goes through.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const server = run.server();
    const { ipmi_password_file: right = '' } = (await ironic.node(server.name)).driver_info;
    await ironic.setDriverInfo(server.name, {
      ipmi_password_file: ironic.secretFile('wrong-password', `${wrong}\n`),
    });
    const failed = await ironic.provision(server.name, {
      driver: 'agent_ipmitool',
      powerTimeoutMs: 4_000,
    });
    run.claim('it fails within 60 s', failedWithin(failed, 60));
    run.claim(
      'last_error says that the BMC is there and refuses the session, and why that may be',
      lastErrorSays(failed, /answers but lets no session begin: its user name or password is another/),
    );
    run.claim('the password itself is not in it', !failed.lastError?.includes(wrong));
    run.claim('the server was never powered on', !failed.phases.includes('power on'));
    await ironic.setDriverInfo(server.name, { ipmi_password_file: right });
    await claimNextDeployment(run, server.name);
    return failed.outcome;
  },
});
