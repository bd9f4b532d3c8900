import { saidInOrder, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A node whose power state is None',
  teaches: `Ironic shows None for a power state that it never read. Nova takes no such node: its scheduler finds no valid
    host. Forcing the node off, as the article does, asks its BMC, and from then on the state is known.`,
  outcomes: { flat: 'power off', vlan: 'power off' },

  async run(run) {
    const { ironic, network } = run;
    const server = run.server();
    const { uuid, power_state: before } = await ironic.node(server.name);
    const listed = () => ironic.shell(`ironic node-list | grep ${uuid}`);
    run.claim('the power of a node that was just enrolled is not known', before === null);
    run.claim('ironic node-list shows None', / None +\| None +\| False /.test(await listed()));
    run.claim('the BMC was asked nothing yet', ironic.bmcRequests(server.name).length === 0);

    await ironic.shell(
      `nova boot --flavor baremetal --nic net-id=${network.name} --image lab-deploy.kernel test > /dev/null`,
    );
    const refused = await ironic.shell('nova show test; nova delete test');
    run.claim('nova finds no valid host', /No valid host was found/.test(refused));
    run.claim('because of that state', refused.includes(`${server.name} has power state None`));

    await ironic.shell(
      `for uuid in $(ironic node-list | awk '/${uuid}.* None / {print $2}'); do ironic node-set-power-state $uuid off; done`,
    );
    run.claim('forced off, it is listed as power off', (await listed()).includes('| power off '));
    const requests = ironic.bmcRequests(server.name);
    run.claim(
      'its BMC was asked',
      saidInOrder(requests, ['Set Session Privilege Level', 'Get Chassis Status']),
    );
    run.claim(
      'and as it is off already, commanded nothing',
      !requests.some((what) => what.startsWith('Chassis Control')),
    );
    const { power_state: after } = await ironic.node(server.name);
    return after ?? 'None';
  },
});
