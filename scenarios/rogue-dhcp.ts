import { allOf, dhcp, type FrameTest, fromMac, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A second DHCP server on the wire',
  teaches: `A client takes the first OFFER that comes. Somebody's forgotten DHCP server on the same switch is nearer than
    the network's own, and wins; the client's REQUEST names it, and the other server is out. Slow it down and the network's
    own wins. On a VLAN network the untagged DISCOVER comes to nobody else at all.`,
  outcomes: { flat: 'the nearer server wins', vlan: 'the rogue alone answers' },
  // Near and far by a margin that no busy machine turns round.
  with: { link_faults: { wire: { delay_ms: 50 } } },

  async run(run) {
    const { points, dhcpServer, network, segmentationId } = run;
    const [client, rogue] = [run.standIn(0), run.standIn(1)];
    const [address, prefix] = [rogue.ip, network.subnet.cidr.split('/')[1]];
    const range = [251, 254].map((host) => address.replace(/\d+$/, String(host))).join(',');
    await rogue.run(['ip', 'address', 'add', `${address}/${prefix}`, 'dev', 'eth0']);
    const serve = (...more: readonly string[]) =>
      rogue.run([
        ...[
          'dnsmasq',
          '--port=0',
          '--no-ping',
          '--bind-interfaces',
          '--interface=eth0',
          '--except-interface=lo',
        ],
        ...[`--dhcp-range=${range},1h`, '--conf-file=', '--dhcp-leasefile=/run/rogue.leases'],
        ...['--pid-file=/run/rogue.pid', '--log-facility=/var/log/rogue.log', ...more],
      ]);

    await serve();
    const { result: lease, evidence } = await run.capture(
      async () => {
        const lease = await client.dhcp({ tries: 2 });
        // The other server's OFFER is still on its way: what is sent over the same wire after it comes after it.
        if (segmentationId === null) {
          await client.run(['ip', 'address', 'add', `${client.ip}/${prefix}`, 'dev', 'eth0']);
          await client.ping(dhcpServer.ip);
          await client.run(['ip', 'address', 'del', `${client.ip}/${prefix}`, 'dev', 'eth0']);
        }
        return lease;
      },
      { also: [client.point, rogue.point] },
    );
    const discover = await evidence.journey(`DISCOVER of ${client.name}`, dhcp('DISCOVER', client.mac), {
      from: client.point,
      to: points.dhcp,
    });
    run.claim('the DISCOVER comes to the rogue', discover.carries(null, rogue.point));
    const offered = await evidence.journey(
      `OFFER of ${rogue.name}`,
      allOf(dhcp('OFFER', client.mac), fromMac(rogue.mac)),
      { from: rogue.point, to: client.point },
    );
    run.claim('which offers an address of its own', offered.isDelivered());
    const request = await evidence.journey(
      `REQUEST of ${client.name}`,
      allOf(dhcp('REQUEST', client.mac), forServer(address)),
      { from: client.point, to: rogue.point },
    );
    run.claim('the client takes it, and says whose it is', request.isDelivered());
    const winner = lease?.server;
    run.claim('so the client has its lease from the rogue', winner === address);

    if (segmentationId !== null) {
      run.claim("the network's own server has not heard of it", discover.isDroppedIn('br-int'));
      run.claim('and offers nothing', evidence.neverAt(points.dhcp, 'OFFER', dhcp('OFFER', client.mac)));
      return winner === address ? 'the rogue alone answers' : 'the rogue is not heard';
    }

    const own = await evidence.journey(
      'OFFER of dnsmasq',
      allOf(dhcp('OFFER', client.mac), (frame) => !fromMac(rogue.mac)(frame)),
      { from: points.dhcp, to: client.point },
    );
    run.claim("the network's own server offers one as well", own.isDelivered());
    run.claim(
      'but its OFFER comes later',
      isBefore(offered.at(client.point)?.time, own.at(client.point)?.time),
    );
    run.claim('and it has to let go', evidence.neverAt(points.dhcp, 'ACK', dhcp('ACK', client.mac)));

    await rogue.run(['sh', '-c', 'kill $(cat /run/rogue.pid)']);
    await serve('--dhcp-reply-delay=1');
    const { result: second, evidence: slowed } = await run.capture(() => client.dhcp({ tries: 2 }), {
      also: [client.point, rogue.point],
    });
    const again = await slowed.journey('REQUEST, the rogue being slow', dhcp('REQUEST', client.mac), {
      from: client.point,
      to: points.dhcp,
    });
    run.claim(
      "when the rogue takes a second, the network's own server wins",
      again.shows(`a REQUEST to ${dhcpServer.ip}`, forServer(dhcpServer.ip)),
    );
    run.claim('with the address that the client should have', second?.ip === client.ip);
    return winner === address && second?.server === dhcpServer.ip
      ? 'the nearer server wins'
      : 'another server wins';
  },
});

/** Option 54 names the server (RFC 2132, section 9.7). */
function forServer(ip: string): FrameTest {
  return ({ decoded: { dhcp } }) =>
    dhcp?.options.some(({ code, value }) => code === 54 && value === ip) ?? false;
}

function isBefore(a: bigint | undefined, b: bigint | undefined): boolean {
  return a !== undefined && b !== undefined && a < b;
}
