import { allOf, dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'ovs-vswitchd is started again',
  teaches: `Bridges and ports are in Open vSwitch's database; OpenFlow rules are not, they go with the process. br-int, whose
    fail mode is secure, then passes nothing at all. Neutron's agent notices that its rules are gone and installs them
    again. No lease is lost with all that: dnsmasq has them in its file.`,
  outcomes: {
    flat: 'rules and leases are back',
    vlan: 'rules and leases are back',
    'vlan-current': 'rules and leases are back',
  },

  async run(run) {
    const { points, dhcpServer, virtualSwitch } = run;
    const server = await run.client();
    const client = await server.startDhcpClient();
    run.claim('at first the server has a lease', client?.lease?.ip === server.ip);
    if (!client) return 'no lease';
    const rules = await virtualSwitch.rules();

    await virtualSwitch.restart();
    run.claim(
      'after the restart br-int has no rule',
      (await virtualSwitch.rules()).every((rule) => !rule.startsWith('br-int')) && rules.length > 0,
    );
    const { result: none, evidence: empty } = await run.capture(() => server.dhcp({ tries: 1 }), {
      // At the other end of dnsmasq's tap there is nobody any more.
      points: [server.point, points.wire, points.physicalBridge, points.integration],
    });
    const lost = await empty.journey(`DISCOVER of ${server.name}, no rules`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim('a DISCOVER still comes in by the wire', lost.visits(server.point, points.wire));
    run.claim('br-int drops it: no rule matches', lost.isDroppedIn('br-int'));
    run.claim('and nobody has a lease', none === undefined);

    await virtualSwitch.agentNotices();
    const restored = await virtualSwitch.rules();
    run.claim(
      'the agent notices, and every rule is there again',
      JSON.stringify(restored) === JSON.stringify(rules),
    );
    const { evidence } = await run.capture(() => client.renew(), { also: [server.point] });
    const ack = await evidence.journey(`ACK to ${server.name}`, dhcp('ACK', server.mac), {
      from: points.dhcp,
      to: server.point,
    });
    const renewed = ack.shows(
      `a renewal of ${server.ip}`,
      allOf(dhcp('ACK', server.mac, server.ip), ({ decoded }) => decoded.dhcp?.ciaddr === server.ip),
    );
    run.claim('dnsmasq knows its lease, and renews it', renewed);
    run.claim(
      'which is in its file',
      dhcpServer.leases().some(({ mac, ip }) => mac === server.mac && ip === server.ip),
    );
    return renewed.holds ? 'rules and leases are back' : 'leases lost';
  },
});
