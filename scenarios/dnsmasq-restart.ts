import { allOf, dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'dnsmasq is started again',
  teaches: `dnsmasq writes its leases to a file and reads them when it starts. While it is away DISCOVERs arrive at its tap
    and nobody answers, but who has an address keeps it and goes on working. Once it is back it knows its clients: a renewal
    by unicast is granted at once, where a server without memory would have refused it.`,
  outcomes: { flat: 'leases kept', vlan: 'leases kept' },

  async run(run) {
    const { points, dhcpServer } = run;
    const [server, other] = [await run.client(0), await run.client(1)];
    const client = await server.startDhcpClient();
    run.claim('one server has a lease', client?.lease?.ip === server.ip);
    if (!client) return 'no lease';
    const before = dhcpServer.leases();

    await dhcpServer.stop();
    const { result: answered, evidence: away } = await run.capture(() => other.dhcp({ tries: 1 }), {
      also: [other.point],
    });
    const discover = await away.journey(`DISCOVER of ${other.name}`, dhcp('DISCOVER', other.mac), {
      from: other.point,
      to: points.dhcp,
    });
    run.claim("while it is away a DISCOVER still comes to dnsmasq's tap", discover.isDelivered());
    run.claim('where nobody answers it', away.neverAt(points.dhcp, 'OFFER', dhcp('OFFER', other.mac)));
    run.claim('so that its sender has no lease', answered === undefined);
    run.claim(
      'the lease file is as it was',
      JSON.stringify(dhcpServer.leases()) === JSON.stringify(before) && before.length > 0,
    );

    await dhcpServer.start();
    const { evidence } = await run.capture(
      async () => {
        await client.renew();
        await other.dhcp();
      },
      { also: [server.point, other.point] },
    );
    const renewed = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac), {
      from: points.dhcp,
      to: server.point,
    });
    const kept = renewed.shows(
      `ACK of ${server.ip}`,
      allOf(dhcp('ACK', server.mac, server.ip), ({ decoded }) => decoded.dhcp?.ciaddr === server.ip),
    );
    run.claim('back again it renews the lease of the first', kept);
    run.claim(
      'and refuses nobody',
      evidence.neverAt(points.dhcp, 'NAK', ({ decoded }) => decoded.dhcp?.type === 'NAK'),
    );
    const ack = await evidence.journey(`ACK to ${other.name}`, dhcp('ACK', other.mac, other.ip), {
      from: points.dhcp,
      to: other.point,
    });
    run.claim('and serves the one that had to wait', ack.isDelivered());
    const leased = dhcpServer.leases().map(({ ip }) => ip);
    run.claim(
      'it has both leases now',
      [server, other].every(({ ip }) => leased.includes(ip)),
    );
    return kept.holds ? 'leases kept' : 'leases lost';
  },
});
