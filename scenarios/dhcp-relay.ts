import { allOf, dhcp, type FrameTest, fromMac, isUnicast, scenario, seenAt, toIp } from 'baremetal-lab';

/** Another segment, behind the relay. */
const far = { prefix: 24, cidr: '10.99.0.0/24', relay: '10.99.0.1', client: '10.99.0.20' };

export default scenario({
  title: 'DHCP from another segment, by a relay',
  teaches: `A broadcast ends where its segment ends. A relay agent there takes the DISCOVER, writes its own address into
    giaddr, and sends it to the server by unicast; by giaddr the server knows which range to give from, and where to send
    the answer. So one dnsmasq serves segments that it is not on, if it has a range for them and a route back.`,
  outcomes: { flat: 'lease by the relay', vlan: 'lease by the relay' },

  async run(run) {
    const { points, segmentationId, dhcpServer } = run;
    const relay = await run.client(1);
    const segment = await run.addSegment('far');
    await segment.plug(relay, 'eth1', `${far.relay}/${far.prefix}`);
    const client = await segment.addStandIn({ name: 'far-client', mac: '52:54:00:00:99:01', ip: far.client });
    const own = `${relay.ip}/${run.network.subnet.cidr.split('/')[1]}`;
    await relay.run(['ip', 'address', 'add', own, 'dev', relay.nic]);
    await relay.run([
      ...['dnsmasq', '--port=0', `--dhcp-relay=${far.relay},${dhcpServer.ip}`, '--conf-file='],
      ...['--pid-file=/run/dhcp-relay.pid', '--log-facility=/var/log/dhcp-relay.log'],
    ]);
    await dhcpServer.stop();
    await dhcpServer.start([
      '--dhcp-range=set:far,10.99.0.0,static,255.255.255.0,86400s',
      `--dhcp-host=${client.mac},${client.ip}`,
    ]);
    await dhcpServer.run(['ip', 'route', 'add', far.cidr, 'via', relay.ip]);

    const { result: lease, evidence } = await run.capture(() => client.dhcp(), {
      also: [segment.point, client.point, relay.point],
    });
    run.claim(
      'the client asks everybody on its segment',
      seenAt(
        evidence,
        segment.point,
        'DISCOVER of the client',
        allOf(dhcp('DISCOVER', client.mac), fromMac(client.mac)),
      ),
    );
    run.claim(
      'which is not the wire',
      evidence.neverAt(points.wire, 'frame of the client itself', fromMac(client.mac)),
    );
    const relayed = await evidence.journey(
      'DISCOVER from the relay',
      allOf(dhcp('DISCOVER', client.mac), fromMac(relay.mac)),
      { from: relay.point, to: points.dhcp },
    );
    run.claim(
      'the relay sends it to the server alone',
      relayed.shows(`a packet to ${dhcpServer.ip}`, allOf(toIp(dhcpServer.ip), isUnicast), points.wire),
    );
    run.claim(
      `with giaddr ${far.relay} and one hop`,
      relayed.shows(
        'giaddr and hops',
        ({ decoded: { dhcp } }) => dhcp?.giaddr === far.relay && dhcp.hops === 1,
      ),
    );
    run.claim(
      `on the wire it is ${segmentationId === null ? 'untagged' : `tagged ${segmentationId}`}, as any frame`,
      relayed.carries(segmentationId, points.wire),
    );
    const ack = await evidence.journey('ACK to the relay', dhcp('ACK', client.mac, far.client), {
      from: points.dhcp,
      to: relay.point,
    });
    run.claim(
      'the answer goes to giaddr, with an address of the other segment',
      ack.shows(`a packet to ${far.relay}`, toIp(far.relay)),
    );
    run.claim('it comes to the relay', ack.isDelivered());
    run.claim(
      'which passes it on to the client',
      seenAt(
        evidence,
        client.point,
        'ACK of the relay',
        allOf(dhcp('ACK', client.mac, far.client), isNotForRelay),
      ),
    );
    return lease?.ip === far.client ? 'lease by the relay' : 'no lease';
  },
});

const isNotForRelay: FrameTest = ({ decoded }) => decoded.ipv4?.dst !== far.relay;
