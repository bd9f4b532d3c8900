import { dhcp, dhcpAtOnce, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A hundred servers ask at once',
  teaches: `After a power cut all servers of a rack ask within the same second. On a flat network each is given its own
    address, and no other: dnsmasq knows them by their MACs. On a VLAN network all hundred DISCOVERs cross the wire and
    die at the same rule.`,
  outcomes: { flat: 'a lease for each', vlan: 'a lease for nobody' },
  with: { vms: [], servers: [{ name: 'server', kind: 'namespace', count: 100 }] },

  async run(run) {
    const { points, dhcpServer, expected } = run;
    const servers = run.standIns;
    const tries = expected === 'a lease for each' ? 5 : 1;
    const { result: leases, evidence } = await run.capture(() => dhcpAtOnce(servers, { tries }), {
      points: [points.wire, points.physicalBridge, points.dhcp],
    });
    const seen = (type: 'DISCOVER' | 'ACK', point: string) =>
      servers.filter(({ mac, ip }) => {
        const test = type === 'ACK' ? dhcp('ACK', mac, ip) : dhcp('DISCOVER', mac);
        return evidence.frames.some((frame) => frame.point === point && test(frame));
      }).length;
    const all = servers.length;
    const leased = servers.filter(({ name }) => leases.get(name)).length;

    run.claim(
      `${all} servers ask, each with a MAC of its own`,
      new Set(servers.map(({ mac }) => mac)).size === 100,
    );
    run.claim('the DISCOVER of each crosses the wire', seen('DISCOVER', points.wire) === all);
    const first = servers[0] ?? run.standIn();
    const discover = await evidence.journey(`DISCOVER of ${first.name}`, dhcp('DISCOVER', first.mac), {
      from: points.wire,
      to: points.dhcp,
    });

    if (expected === 'a lease for nobody') {
      run.claim('that of the first dies at a rule of br-int', discover.isDroppedIn('br-int'));
      run.claim(
        "none comes to dnsmasq's tap",
        evidence.neverAt(points.dhcp, 'DISCOVER', ({ decoded }) => decoded.dhcp?.type === 'DISCOVER'),
      );
      run.claim('nobody has a lease', leased === 0 && dhcpServer.leases().length === 0);
      return leased === 0 ? 'a lease for nobody' : 'a lease for some';
    }

    run.claim("and comes to dnsmasq's tap", seen('DISCOVER', points.dhcp) === all);
    run.claim('each is given the address that dnsmasq has for it', seen('ACK', points.dhcp) === all);
    run.claim('the ACK of each crosses the wire', seen('ACK', points.wire) === all);
    const ack = await evidence.journey(`ACK to ${first.name}`, dhcp('ACK', first.mac, first.ip), {
      from: points.dhcp,
      to: points.wire,
    });
    run.claim('untagged, as that of the first', ack.carries(null, points.wire));
    run.claim(
      'nobody has the address of another',
      new Set([...leases.values()].map((lease) => lease?.ip)).size === all,
    );
    run.claim('the lease file knows them all', dhcpServer.leases().length === all);
    return leased === all ? 'a lease for each' : 'a lease for some';
  },
});
