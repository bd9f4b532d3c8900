import { scenario } from 'baremetal-lab';

const wrong = 'guessed-password';

export default scenario({
  title: 'The BMC does not take the password',
  teaches: `With a wrong password no IPMI session comes about, so that the conductor can change neither power nor boot
    device. The deployment fails before the server has done anything; with the right password it goes through.`,
  outcomes: { flat: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic } = run;
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    const { ipmi_password_file: right = '' } = (await ironic.node(server.name)).driver_info;
    await ironic.setDriverInfo(server.name, {
      ipmi_password_file: ironic.secretFile('wrong-password', `${wrong}\n`),
    });
    const { outcome, lastError, phases } = await ironic.provision(server.name, { driver: 'agent_ipmitool' });
    run.claim('last_error tells of the session', /session/i.test(lastError ?? ''));
    run.claim('and not of the password itself', !lastError?.includes(wrong));
    run.claim('the server was never powered on', !phases.includes('power on'));
    await ironic.setDriverInfo(server.name, { ipmi_password_file: right });
    const next = await ironic.provision(server.name);
    run.claim('with the right password the next deployment succeeds', next.outcome === 'login prompt');
    return outcome;
  },
});
