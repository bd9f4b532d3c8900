import { allOf, dhcp, scenario, udpChecksum } from 'baremetal-lab';

export default scenario({
  title: 'DHCP replies with a checksum that nobody has computed',
  teaches: `A kernel leaves the UDP checksum to the network card, and a veth says that it is one. The kernel's own switches
    know of that; Open vSwitch's userspace datapath takes the bytes as they lie there, and forwards a checksum that is half
    done. Every capture shows the OFFER all the way to the client, which drops it without a word. With dnsmasq on a veth
    (Neutron's ovs_use_veth) this is so until someone says: ethtool --offload IF tx off.`,
  outcomes: { flat: 'no lease until offload is off', vlan: 'no lease until offload is off' },

  async run(run) {
    const { points, dhcpServer } = run;
    const client = await run.client();
    await dhcpServer.useVeth();

    await dhcpServer.setChecksumOffload(true);
    const { result: none, evidence: broken } = await run.capture(() => client.dhcp({ tries: 1 }), {
      also: [client.point],
    });
    const way = { from: points.dhcp, to: client.point };
    const offer = await broken.journey(`OFFER to ${client.name}, offload on`, dhcp('OFFER', client.mac), way);
    run.claim('dnsmasq answers the DISCOVER', offer.visits(points.dhcp));
    run.claim('and its OFFER comes all the way to the server', offer.isDelivered());
    const half = offer.shows('a half-done checksum', udpChecksum('offloaded'));
    run.claim('with a checksum that was left to hardware which there is not', half);
    run.claim(
      'the server does not take it up',
      broken.neverAt(client.point, 'REQUEST', dhcp('REQUEST', client.mac)),
    );
    run.claim('and has no lease', none === undefined);

    await dhcpServer.setChecksumOffload(false);
    const { result: lease, evidence } = await run.capture(() => client.dhcp(), { also: [client.point] });
    const ack = await evidence.journey(`ACK to ${client.name}, offload off`, dhcp('ACK', client.mac), way);
    run.claim(
      'with offload off the checksum is right',
      ack.shows('a right checksum', allOf(dhcp('ACK', client.mac, client.ip), udpChecksum('good'))),
    );
    run.claim('and the server has its lease', lease?.ip === client.ip);
    if (none) return 'lease in spite of offload';
    return lease ? 'no lease until offload is off' : 'no lease';
  },
});
