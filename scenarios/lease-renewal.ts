import { allOf, dhcp, isUnicast, scenario, toIp } from 'baremetal-lab';

export default scenario({
  title: 'A server renews its lease',
  teaches: `At T1, half of the lease's time, a client asks for more, and now it has an address and knows whose: the REQUEST
    is unicast from its address to the server's, and so is the ACK. No DISCOVER, no OFFER, no flooding: a path that passes
    broadcasts alone would lose the lease only hours after the boot.`,
  outcomes: { flat: 'renewed by unicast', vlan: 'renewed by unicast' },

  async run(run) {
    const { points, network, segmentationId, dhcpServer } = run;
    const server = await run.client();
    const client = await server.startDhcpClient();
    run.claim('the server has a lease', client?.lease?.ip === server.ip);
    if (!client) return 'no lease';

    const { evidence } = await run.capture(() => client.renew(), { also: [server.point] });
    const request = await evidence.journey(`REQUEST of ${server.name}`, dhcp('REQUEST', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    const unicast = request.shows('a REQUEST to the server alone', allOf(isUnicast, toIp(dhcpServer.ip)));
    run.claim('the REQUEST goes to the server alone, by Ethernet and by IP', unicast);
    run.claim(
      'it comes from the address that is to be kept, and says so in ciaddr',
      request.shows(
        `ciaddr ${server.ip}`,
        ({ decoded }) => decoded.ipv4?.src === server.ip && decoded.dhcp?.ciaddr === server.ip,
      ),
    );
    run.claim('it is not flooded to the VMs on brbm', request.neverReaches(points.brbm));
    const ack = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac, server.ip), {
      from: points.dhcp,
      to: server.point,
    });
    run.claim('the ACK is unicast too', ack.shows('a unicast ACK', isUnicast));
    run.claim(
      'both are translated as any frame is',
      ack.isTranslated(
        { point: points.integration, vlan: network.local_vlan },
        { point: points.wire, vlan: segmentationId },
      ),
    );
    run.claim(
      'nobody has asked who else could serve',
      evidence.neverAt(server.point, 'DISCOVER', dhcp('DISCOVER', server.mac)),
    );
    return unicast.holds && ack.isDelivered().holds ? 'renewed by unicast' : 'not renewed by unicast';
  },
});
