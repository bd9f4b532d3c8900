import { dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'The wire is unplugged and plugged in again',
  teaches: `While the uplink of the switch is down, servers hear nobody, and VMs on brbm notice nothing: their way to dnsmasq
    never leaves the node. Nothing has to be repaired when it is back: the bridges have kept their rules, dnsmasq its
    leases, and the server is given the address that it had.`,
  outcomes: { flat: 'the same lease again', vlan: 'the same lease again' },
  with: { link_faults: { wire: {} } },

  async run(run) {
    const { points } = run;
    const wire = run.link('wire');
    const device = points.wire.slice('devstack/'.length);
    const client = await run.client();
    const vm = await run.standInOnBrbm();
    const before = await client.dhcp();
    run.claim('at first the server has a lease', before?.ip === client.ip);

    await wire.down();
    run.claim(`devstack sees that ${device} is unplugged`, await hasNoCarrier());
    const { result: meanwhile, evidence: dark } = await run.capture(
      async () => {
        const [lease] = await Promise.all([client.dhcp({ tries: 1 }), vm.dhcp()]);
        return lease;
      },
      { also: [client.point, vm.point] },
    );
    const lost = await dark.journey(`DISCOVER of ${client.name}, unplugged`, dhcp('DISCOVER', client.mac), {
      from: client.point,
      to: points.dhcp,
    });
    run.claim('a DISCOVER leaves the server', lost.visits(client.point));
    run.claim('and never comes out of the wire', lost.neverReaches(points.wire));
    run.claim('the server is given nothing', meanwhile === undefined);
    const inside = await dark.journey(`ACK to ${vm.name}`, dhcp('ACK', vm.mac, vm.ip), {
      from: points.dhcp,
      to: vm.point,
    });
    run.claim('a VM on brbm gets its lease all the same', inside.isDelivered());

    await wire.up();
    run.claim(`${device} is plugged in again`, !(await hasNoCarrier()));
    const { result: after, evidence } = await run.capture(() => client.dhcp(), { also: [client.point] });
    const ack = await evidence.journey(`ACK to ${client.name}, plugged in`, dhcp('ACK', client.mac), {
      from: points.dhcp,
      to: client.point,
    });
    run.claim(
      'the server is given the address that it had',
      ack.shows(`ACK of ${client.ip}`, dhcp('ACK', client.mac, client.ip)),
    );
    return after && after.ip === before?.ip ? 'the same lease again' : 'no lease again';

    async function hasNoCarrier(): Promise<boolean> {
      const { stdout } = await run.in('devstack', ['ip', 'link', 'show', device]);
      return stdout.includes('NO-CARRIER');
    }
  },
});
