import { dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A physical server asks for DHCP',
  teaches: `A physical server on the access switch knows of no VLAN. On a flat provider network its untagged frames are
    given the local VLAN in br-int and reach dnsmasq. On a VLAN provider network br-int lets in frames of the
    segmentation id alone: an untagged DISCOVER dies there, and the server never boots.`,
  outcomes: { flat: 'lease', vlan: 'no lease' },

  async run(run) {
    const { points, network } = run;
    const server = run.standIn();
    const { result: lease, evidence } = await run.capture(() => server.dhcp({ tries: 2 }), {
      also: [server.point],
    });
    const discover = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim(
      'the DISCOVER leaves the server and reaches the wire untagged',
      discover.carries(null, points.wire),
    );

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
      run.claim(
        'nor is there an OFFER anywhere on the wire',
        evidence.neverAt(points.wire, `OFFER to ${server.name}`, dhcp('OFFER', server.mac)),
      );
      return lease ? 'lease' : 'no lease';
    }

    run.claim(
      `inside br-int it carries local VLAN ${network.local_vlan}`,
      discover.isTranslated(
        { point: points.wire, vlan: null },
        { point: points.integration, vlan: network.local_vlan },
      ),
    );
    run.claim("it is untagged again at dnsmasq's tap", discover.carries(null, points.dhcp));
    const offer = await evidence.journey(`OFFER to ${server.name}`, dhcp('OFFER', server.mac), {
      from: points.dhcp,
      to: server.point,
    });
    run.claim('dnsmasq answers it within a second', discover.isAnsweredBy(offer, 1000));
    run.claim(
      'the OFFER takes the whole way back: local VLAN in br-int, untagged on the wire',
      offer.isTranslated(
        { point: points.integration, vlan: network.local_vlan },
        { point: points.wire, vlan: null },
      ),
    );
    run.claim('and arrives at the server', offer.isDelivered());
    const ack = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac), {
      from: points.dhcp,
      to: server.point,
    });
    run.claim(
      'the ACK gives the server the address that dnsmasq has for it',
      ack.shows(`ACK of ${server.ip}`, dhcp('ACK', server.mac, server.ip)),
    );
    return lease ? 'lease' : 'no lease';
  },
});
