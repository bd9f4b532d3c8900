import { allOf, arpReplyFrom, arpRequestFor, fromIp, icmpEcho, scenario, toIp } from 'baremetal-lab';

export default scenario({
  title: 'The tag on the wire and the local VLAN inside',
  teaches: `Neutron's agent translates in both directions, each at the bridge where a frame comes in: br-int gives frames
    from the wire the local VLAN, br-eth2 gives frames to the wire the segmentation id, or none on a flat network. It is
    the same for broadcasts, which are flooded, and for unicasts, which go one way.`,
  outcomes: { vlan: 'tagged on the wire', flat: 'untagged on the wire' },

  async run(run) {
    const { points, network, segmentationId, dhcpServer } = run;
    const client = await run.client();
    await client.takeAddress();
    const { evidence } = await run.capture(
      async () => {
        await client.ping(dhcpServer.ip);
        await dhcpServer.ping(client.ip);
      },
      { also: [client.point] },
    );
    const wire = { point: points.wire, vlan: segmentationId };
    const inside = { point: points.integration, vlan: network.local_vlan };
    const onWire = segmentationId === null ? 'no tag' : String(segmentationId);

    const inwards = { from: client.point, to: points.dhcp };
    const outwards = { from: points.dhcp, to: client.point };
    const arpIn = await evidence.journey(
      `ARP request of ${client.name}`,
      allOf(arpRequestFor(dhcpServer.ip), ({ decoded }) => decoded.arp?.senderIp === client.ip),
      inwards,
    );
    run.claim(`broadcast inwards: ${onWire} becomes ${inside.vlan}`, arpIn.isTranslated(wire, inside));
    run.claim('and reaches dnsmasq untagged', arpIn.carries(null, points.dhcp));
    run.claim('it is flooded to the VMs on brbm as well', arpIn.carries(null, points.brbm));

    const arpBack = await evidence.journey('ARP reply of dnsmasq', arpReplyFrom(dhcpServer.ip), outwards);
    run.claim(`unicast outwards: ${inside.vlan} becomes ${onWire}`, arpBack.isTranslated(inside, wire));
    run.claim('and reaches the client', arpBack.carries(segmentationId, client.point));
    run.claim('alone: nothing of it on brbm', arpBack.neverReaches(points.brbm));

    const echo = await evidence.journey(
      `echo request of ${client.name}`,
      allOf(icmpEcho('request'), fromIp(client.ip), toIp(dhcpServer.ip)),
      inwards,
    );
    run.claim(`unicast inwards: ${onWire} becomes ${inside.vlan}`, echo.isTranslated(wire, inside));
    run.claim('and reaches dnsmasq untagged', echo.carries(null, points.dhcp));
    run.claim('alone: nothing of it on brbm', echo.neverReaches(points.brbm));

    const arpOut = await evidence.journey('ARP request of dnsmasq', arpRequestFor(client.ip), outwards);
    run.claim(`broadcast outwards: ${inside.vlan} becomes ${onWire}`, arpOut.isTranslated(inside, wire));
    run.claim('and reaches the client', arpOut.carries(segmentationId, client.point));
    run.claim('it is flooded to the VMs on brbm as well', arpOut.carries(null, points.brbm));

    return arpIn.at(points.wire)?.vlan == null ? 'untagged on the wire' : 'tagged on the wire';
  },
});
