import { allOf, dhcp, type Evidence, type ScenarioRun, type StandIn, scenario } from 'baremetal-lab';

export default scenario({
  title: 'Only a flat network serves a physical server',
  teaches: `Neutron knows five types of networks, and VMs are at home on each. A physical server has no agent that could
    tag its frames or pack them into tunnels: it sends them bare, and understands nothing else. Of the five only a flat
    network takes such frames from the wire. That is why the article calls it the only solution.`,
  outcomes: {
    flat: 'everybody is served',
    vlan: 'only VMs are served',
    gre: 'only VMs are served',
    vxlan: 'only VMs are served',
    local: 'only VMs are served',
  },

  async run(run) {
    const { points, network } = run;
    const { provider } = network;
    const isTunnelled = provider.network_type === 'gre' || provider.network_type === 'vxlan';
    const server = run.standIn();
    const vm = await run.standInOnBrbm();
    const vms = [vm, ...(isTunnelled ? [run.instance()] : [])];
    const { evidence } = await run.capture(
      () => Promise.all([server.dhcp({ tries: 2 }), ...vms.map((it) => it.dhcp())]),
      { also: [server, ...vms].map(({ point }) => point) },
    );

    const discover = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim('the physical server asks without a tag, in no tunnel', discover.carries(null, points.wire));
    run.claim('the bridge of the wire has its question', discover.visits(points.wire, points.physicalBridge));
    const leased = await Promise.all(vms.map((client) => hasLease(run, evidence, client)));
    const onWire = await evidence.journey(`DISCOVER of ${vm.name}`, dhcp('DISCOVER', vm.mac), {
      from: vm.point,
      to: points.dhcp,
    });

    switch (provider.network_type) {
      case 'flat':
        run.claim("a VM's question is bare on the wire, too", onWire.carries(null, points.wire));
        break;
      case 'vlan':
        run.claim(
          `a VM's question has tag ${provider.segmentation_id} on the wire`,
          onWire.carries(provider.segmentation_id, points.wire),
        );
        break;
      case 'gre':
      case 'vxlan': {
        const { network_type: type, segmentation_id: id } = provider;
        const [instance] = vms.slice(1);
        if (!instance) break;
        run.claim(
          `a VM's question is on the wire in ${type.toUpperCase()} ${id} only`,
          onWire.isTunnelled(type, id, points.wire),
        );
        run.claim(
          'it comes out of the tunnel on the compute node',
          onWire.visits(points.wire, instance.point),
        );
        const inTunnel = await evidence.journey(
          `DISCOVER of ${instance.name}`,
          dhcp('DISCOVER', instance.mac),
          { from: instance.point, to: points.dhcp },
        );
        run.claim('the instance there asks through the tunnel', inTunnel.isTunnelled(type, id, points.wire));
        run.claim(
          `and br-tun gives its question local VLAN ${network.local_vlan}`,
          inTunnel.carries(network.local_vlan, points.integration),
        );
        break;
      }
      case 'local':
        run.claim("a VM's question never goes to the wire", onWire.neverReaches(points.wire));
        break;
    }

    if (run.expected === 'only VMs are served') {
      run.claim(
        "a rule of br-int drops the server's question, by its counter and by ofproto/trace",
        discover.isDroppedIn('br-int'),
      );
      run.claim('it never comes to dnsmasq', discover.neverReaches(points.dhcp));
      run.claim(
        'and no DHCP message comes to the server that it could read',
        evidence.neverAt(
          server.point,
          'bare DHCP message for somebody',
          allOf(
            ({ vlan }) => vlan === null,
            ({ decoded }) => decoded.dhcp !== undefined && decoded.dhcp.chaddr !== server.mac,
          ),
        ),
      );
    }
    const served = await hasLease(run, evidence, server, run.expected === 'everybody is served');
    if (!leased.every(Boolean)) return 'a VM has no lease';
    return served ? 'everybody is served' : 'only VMs are served';
  },
});

/** Whether a client was given its address; stated as a claim where it should be. */
async function hasLease(
  run: ScenarioRun,
  evidence: Evidence,
  { name, mac, ip, point }: StandIn,
  stated = true,
): Promise<boolean> {
  if (!stated) {
    return !evidence.neverAt(point, `ACK to ${name}`, dhcp('ACK', mac)).holds;
  }
  const ack = await evidence.journey(`ACK to ${name}`, dhcp('ACK', mac), {
    from: run.points.dhcp,
    to: point,
  });
  const gives = ack.shows(`ACK of ${ip}`, dhcp('ACK', mac, ip));
  run.claim(`${name} is given the address that dnsmasq has for it`, gives);
  return gives.holds;
}
