import {
  dhcp,
  type Evidence,
  fromMac,
  type NetworkView,
  type ScenarioRun,
  type StandIn,
  scenario,
} from 'baremetal-lab';

export default scenario({
  title: 'Two networks on the same bridges never meet',
  teaches: `Both networks go through br-int, and on VLAN networks through the same wire. What keeps them apart is their
    local VLAN inside and their segmentation id outside, or a wire of their own: a frame of one never comes to a port of
    the other, not even a broadcast, and each dnsmasq answers its own servers alone.`,
  outcomes: { 'two-vlans': 'apart', 'two-flats': 'apart' },

  async run(run) {
    const [one, other] = [run.networkView(0), run.networkView(1)];
    const [first, second] = await Promise.all([clientOf(run, one), clientOf(run, other)]);
    const { result, evidence } = await run.capture(
      async () => {
        const leases = await Promise.all([first.dhcp(), second.dhcp()]);
        // Neither has a route to the other; this one looks for it on its own wire.
        await first.run(['ip', 'route', 'replace', second.ip, 'dev', first.nic]);
        return { leases, met: await first.ping(second.ip) };
      },
      { also: [first.point, second.point, ...Object.values(other.points)] },
    );
    await claimsOf(run, evidence, first, one, other);
    await claimsOf(run, evidence, second, other, one);

    const asked = await evidence.journey(
      `ARP request of ${first.name} for ${second.name}`,
      ({ decoded }) => decoded.arp?.op === 1 && decoded.arp.targetIp === second.ip,
      { from: first.point, to: one.points.dhcp },
    );
    run.claim(`${first.name} looks for ${second.name} by a broadcast`, asked.isDelivered());
    run.claim("which does not come to the other network's dnsmasq", asked.neverReaches(other.points.dhcp));
    run.claim(
      `no frame of ${second.name} comes to the VMs' bridge, which is on ${one.network.name}`,
      evidence.neverAt(one.points.brbm, `frame of ${second.name}`, fromMac(second.mac)),
    );
    run.claim(`and ${second.name} does not answer`, !result.met);
    return result.met || result.leases.includes(undefined) ? 'not apart' : 'apart';
  },
});

/** A server of the network, which tags its frames where the wire wants that. */
async function clientOf(run: ScenarioRun, { network, segmentationId }: NetworkView): Promise<StandIn> {
  const name = run.topology.servers.find((server) => server.network === network.name)?.name ?? '';
  const plain = run.standIn(name);
  return segmentationId === null ? plain : plain.tagging(segmentationId);
}

async function claimsOf(
  run: ScenarioRun,
  evidence: Evidence,
  { name, mac, ip, point }: StandIn,
  own: NetworkView,
  other: NetworkView,
): Promise<void> {
  const { points, segmentationId, network } = own;
  const discover = await evidence.journey(`DISCOVER of ${name}`, dhcp('DISCOVER', mac), {
    from: point,
    to: points.dhcp,
  });
  const onWire = segmentationId === null ? 'no tag' : `tag ${segmentationId}`;
  run.claim(`${name} asks with ${onWire}`, discover.carries(segmentationId, points.wire));
  run.claim(
    `in br-int its question is in local VLAN ${network.local_vlan}`,
    discover.isTranslated(
      { point: points.wire, vlan: segmentationId },
      { point: points.integration, vlan: network.local_vlan },
    ),
  );
  run.claim(`the dnsmasq of ${network.name} has it`, discover.isDelivered());
  const ack = await evidence.journey(`ACK to ${name}`, dhcp('ACK', mac), { from: points.dhcp, to: point });
  run.claim(`and gives ${name} its address`, ack.shows(`ACK of ${ip}`, dhcp('ACK', mac, ip)));
  run.claim(
    `the dnsmasq of ${other.network.name} never hears of ${name}`,
    evidence.neverAt(other.points.dhcp, `frame of ${name}`, fromMac(mac)),
  );
}
