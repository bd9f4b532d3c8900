import { allOf, type FrameTest, fromIp, icmpEcho, scenario, seenAt, toIp } from 'baremetal-lab';

const standard = 1500;
const jumbo = 9000;
/** More than the one, less than the other, and short enough for captures to hold all of it. */
const large = 3000;

export default scenario({
  title: 'Frames of 1500 bytes, with a tag, and jumbo frames',
  teaches: `An MTU counts neither Ethernet's header nor its tag: where a packet of 1500 bytes passes untagged, it passes
    with a tag as well, in a frame four bytes longer. A jumbo frame passes where every link on the way takes it. At the
    first that does not it disappears, and nobody is told: switches send no ICMP.`,
  outcomes: { flat: 'as large as the smallest link', vlan: 'as large as the smallest link' },
  with: { link_faults: { wire: {} } },

  async run(run) {
    const { points, segmentationId, dhcpServer } = run;
    const wire = run.link('wire');
    const client = await run.client();
    await client.dhcp();
    const tag = segmentationId === null ? 'untagged' : `tagged ${segmentationId}`;
    const send = (bytes: number) =>
      run.capture(() => client.run(ping(dhcpServer.ip, bytes), { accept: [0, 1] }), {
        also: [client.point, wire.far],
      });
    const way = { from: client.point, to: points.dhcp };

    const { result: full, evidence: ordinary } = await send(standard);
    const echo = await ordinary.journey(
      `echo request of ${standard} bytes`,
      request(dhcpServer.ip, standard),
      way,
    );
    run.claim(
      `a packet of ${standard} bytes crosses the wire ${tag}`,
      echo.carries(segmentationId, points.wire),
    );
    run.claim(
      `in a frame of ${frameBytes(standard, segmentationId)} bytes`,
      echo.shows('a frame of that length', hasBytes(frameBytes(standard, segmentationId)), points.wire),
    );
    run.claim('it arrives, and is answered', full.exitCode === 0 && echo.isDelivered().holds);

    await client.setMtu(jumbo);
    await run.setMtu(jumbo, client.point);
    const { result: lost, evidence: narrow } = await send(large);
    const swallowed = await narrow.journey(
      `echo request of ${large} bytes`,
      request(dhcpServer.ip, large),
      way,
    );
    run.claim(`a packet of ${large} bytes leaves the server`, swallowed.visits(client.point));
    run.claim(`a wire of ${standard} does not take it`, swallowed.neverReaches(points.wire));
    run.claim(
      'nobody tells the server',
      narrow.neverAt(client.point, 'ICMP error', ({ decoded }) => decoded.icmp?.type === 3),
    );
    run.claim('which waits in vain', lost.exitCode === 1);

    await run.setMtu(jumbo, wire.far, wire.near);
    const { result: passed, evidence: wide } = await send(large);
    const carried = await wide.journey(
      `echo request of ${large} bytes, the way being wide`,
      request(dhcpServer.ip, large),
      way,
    );
    run.claim(`on a wire of ${jumbo} it crosses ${tag}`, carried.carries(segmentationId, points.wire));
    run.claim('and arrives in one piece', carried.shows('all of it', request(dhcpServer.ip, large)));
    run.claim(
      "dnsmasq's own interface has an MTU of 1500 still, and answers in fragments",
      seenAt(wide, points.dhcp, 'first fragment', allOf(fromIp(dhcpServer.ip), isFirstFragment)),
    );
    run.claim('which is nothing to the server', passed.exitCode === 0);
    return full.exitCode === 0 && lost.exitCode === 1 && passed.exitCode === 0
      ? 'as large as the smallest link'
      : 'otherwise';
  },
});

/** One echo request of so many bytes of IP, of which 28 are headers. */
function ping(ip: string, bytes: number): string[] {
  return ['busybox', 'ping', '-c', '1', '-W', '2', '-s', String(bytes - 28), ip];
}

function request(ip: string, bytes: number): FrameTest {
  return allOf(icmpEcho('request'), toIp(ip), ({ decoded }) => decoded.ipv4?.length === bytes);
}

/** What a packet takes on a wire: with Ethernet's header and a tag, without the checksum that no capture shows. */
function frameBytes(packet: number, vlan: number | null): number {
  return packet + 14 + (vlan === null ? 0 : 4);
}

const isFirstFragment: FrameTest = ({ decoded: { ipv4 } }) =>
  ipv4?.moreFragments === true && ipv4.fragmentOffset === 0;

function hasBytes(count: number): FrameTest {
  return ({ bytes }) => bytes.length === count;
}
