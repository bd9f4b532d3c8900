import { allOf, arpReplyFrom, arpRequestFor, countAt, dhcp, fromMac, scenario } from 'baremetal-lab';

export default scenario({
  title: 'Somebody has the address already',
  teaches: `An address that was typed in by hand is in no lease file. dnsmasq gives it to whom it belongs; a client that
    looks before it takes it (RFC 5227) finds the other by ARP and DECLINEs, one that does not look shares it: whoever asks
    gets two answers, and talks to the one that came last.`,
  outcomes: { flat: 'conflict seen', vlan: 'conflict seen' },

  async run(run) {
    const { points, dhcpServer } = run;
    const [owner, squatter] = [await run.client(0), await run.client(1)];
    const prefix = run.network.subnet.cidr.split('/')[1];
    await squatter.run(['ip', 'address', 'add', `${owner.ip}/${prefix}`, 'dev', squatter.nic]);

    const { result: careful, evidence } = await run.capture(() => owner.dhcp({ tries: 2, probe: true }), {
      also: [owner.point, squatter.point],
    });
    const ack = await evidence.journey(`ACK to ${owner.name}`, dhcp('ACK', owner.mac, owner.ip), {
      from: points.dhcp,
      to: owner.point,
    });
    run.claim(`dnsmasq gives ${owner.ip} to ${owner.name}, as it should`, ack.isDelivered());
    const probe = await evidence.journey(
      'ARP probe',
      allOf(
        arpRequestFor(owner.ip),
        fromMac(owner.mac),
        ({ decoded }) => decoded.arp?.senderIp === '0.0.0.0',
      ),
      { from: owner.point, to: squatter.point },
    );
    run.claim('who asks everybody for it before taking it', probe.isDelivered());
    const answer = await evidence.journey(
      `ARP reply of ${squatter.name}`,
      allOf(arpReplyFrom(owner.ip), fromMac(squatter.mac)),
      { from: squatter.point, to: owner.point },
    );
    run.claim(`and is answered by ${squatter.name}`, probe.isAnsweredBy(answer, 1000));
    const decline = await evidence.journey(`DECLINE of ${owner.name}`, dhcp('DECLINE', owner.mac), {
      from: owner.point,
      to: points.dhcp,
    });
    run.claim('so it declines', decline.isDelivered());
    run.claim('and has no address', careful === undefined);

    // Once it was declined dnsmasq offers it to nobody for ten minutes.
    await owner.run(['ip', 'address', 'add', `${owner.ip}/${prefix}`, 'dev', owner.nic]);
    const { evidence: shared } = await run.capture(() => dhcpServer.ping(owner.ip), {
      also: [owner.point, squatter.point],
    });
    const answers = [owner, squatter].map((server) =>
      countAt(
        shared,
        points.dhcp,
        1,
        `ARP replies of ${server.name}`,
        allOf(arpReplyFrom(owner.ip), fromMac(server.mac)),
      ),
    );
    for (const [index, server] of [owner, squatter].entries()) {
      const found = answers[index];
      if (found) run.claim(`taken without looking: asked for it, ${server.name} answers`, found);
    }
    return decline.isDelivered().holds && answers.every(({ holds }) => holds)
      ? 'conflict seen'
      : 'no conflict seen';
  },
});
