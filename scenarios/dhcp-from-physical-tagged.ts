import { dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A physical server that tags its frames asks for DHCP',
  teaches: `A server whose NIC is set to VLAN 1001 sends frames that carry the segmentation id. On a VLAN provider
    network br-int gives them the local VLAN, and the server gets its lease. On a flat provider network br-int takes
    untagged frames alone: the tag that opens one network is what shuts the server out of the other.`,
  outcomes: { vlan: 'lease', flat: 'no lease' },

  async run(run) {
    const { points, network } = run;
    const vlan = run.segmentationId ?? 1001;
    const server = await run.standIn().tagging(vlan);
    const { result: lease, evidence } = await run.capture(() => server.dhcp({ tries: 2 }), {
      also: [server.point],
    });
    const discover = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim(`the server sends it with tag ${vlan}`, discover.carries(vlan, server.point));
    run.claim('and so it reaches the wire', discover.carries(vlan, points.wire));

    if (run.expected === 'no lease') {
      run.claim(
        'it reaches the bridge of the wire',
        discover.visits(server.point, points.wire, points.physicalBridge),
      );
      run.claim(
        'a rule of br-int drops it, by its counter and by ofproto/trace',
        discover.isDroppedIn('br-int'),
      );
      run.claim('it never comes to dnsmasq', discover.neverReaches(points.dhcp));
      return lease ? 'lease' : 'no lease';
    }

    const local = network.local_vlan;
    run.claim(
      `in br-int ${vlan} becomes local VLAN ${local}`,
      discover.isTranslated({ point: points.wire, vlan }, { point: points.integration, vlan: local }),
    );
    run.claim("it is untagged at dnsmasq's tap", discover.carries(null, points.dhcp));
    const ack = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac), {
      from: points.dhcp,
      to: server.point,
    });
    run.claim(
      `on the way back local VLAN ${local} becomes ${vlan}`,
      ack.isTranslated({ point: points.integration, vlan: local }, { point: points.wire, vlan }),
    );
    run.claim('the ACK arrives with the tag the server wants', ack.carries(vlan, server.point));
    run.claim(
      'and gives it the address that dnsmasq has for it',
      ack.shows(`ACK of ${server.ip}`, dhcp('ACK', server.mac, server.ip)),
    );
    return lease ? 'lease' : 'no lease';
  },
});
