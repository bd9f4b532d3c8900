import { dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A physical server tags its frames with a priority',
  teaches: `A tag with VLAN id 0 is a priority and no VLAN (IEEE 802.1Q). The flat network's rule asks for frames without a
    VLAN header, Juno's (dl_vlan=0xffff) and today's (vlan_tci=0x0000/0x1fff) alike, and would drop such a frame. It is
    br-eth2 that saves it: a port of Open vSwitch puts out a priority tag only where it is told to. Set priority-tags on
    phy-br-eth2, and the server that was served is so no more.`,
  outcomes: { flat: 'lease', 'flat-current': 'lease', vlan: 'no lease' },

  async run(run) {
    const { points } = run;
    const server = await run.standIn().tagging(0);
    const tries = run.expected === 'lease' ? 3 : 1;
    const { result: lease, evidence } = await run.capture(() => server.dhcp({ tries }), {
      also: [server.point],
    });
    const discover = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim('the server sends it with VLAN id 0', discover.carries(0, server.point));
    run.claim('the switch leaves the tag as it is', discover.carries(0, points.wire));
    run.claim('br-eth2 takes it off', discover.carries(null, points.physicalBridge));
    if (run.segmentationId !== null) {
      run.claim(
        'which makes it an untagged frame, and these br-int drops on a VLAN network',
        discover.isDroppedIn('br-int'),
      );
      return lease ? 'lease' : 'no lease';
    }
    run.claim('so that it comes to dnsmasq like an untagged frame', discover.isDelivered());
    const ack = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac, server.ip), {
      from: points.dhcp,
      to: server.point,
    });
    run.claim('the answer has no tag at all', ack.carries(null, server.point));

    const kept = ['set', 'port', run.physicalBridge.phyPort, 'other_config:priority-tags=always'];
    await run.in('devstack', ['ovs-vsctl', ...kept]);
    const { result: none, evidence: keeping } = await run.capture(() => server.dhcp({ tries: 1 }), {
      also: [server.point],
    });
    const dropped = await keeping.journey(
      `DISCOVER of ${server.name}, tag kept`,
      dhcp('DISCOVER', server.mac),
      {
        from: server.point,
        to: points.dhcp,
      },
    );
    run.claim(
      "told to keep priority tags, br-eth2 does, and the flat network's rule does not match: the next drops it",
      dropped.isDroppedIn('br-int'),
    );
    run.claim('so that the server has no lease', none === undefined);
    return lease ? 'lease' : 'no lease';
  },
});
