import { dhcp, type Evidence, noProxyDhcp, type ScenarioRun, scenario } from 'baremetal-lab';

export default scenario({
  title: 'VMs on brbm ask for DHCP',
  teaches: `Behind brbm it makes no difference what the provider network is on the wire: ovs-tap1 is an access port of
    the local VLAN, as dnsmasq's tap is, and both talk inside br-int. A VM that boots from its PXE ROM gets its lease on
    both networks. Only its broadcasts are flooded to the wire, translated for it; the answers never go there.`,
  outcomes: { flat: 'lease', vlan: 'lease' },
  weight: { memory: 400 },

  async run(run) {
    const vm = run.vm(0);
    const standIn = await run.standInOnBrbm(1);
    await run.dhcpServer.setOptions(vm, [noProxyDhcp]);
    await vm.powerOnPaused();
    const { evidence } = await run.capture(
      async () => {
        await Promise.all([standIn.dhcp(), vm.resume()]);
        await vm.leased();
      },
      { also: [vm.point, standIn.point] },
    );
    await vm.powerOff();
    const leased = [
      await claimsOf(run, evidence, vm, "the VM's PXE ROM"),
      await claimsOf(run, evidence, standIn, 'the stand-in'),
    ];
    return leased.every(Boolean) ? 'lease' : 'no lease';
  },
});

/** Whether it was given its address. */
async function claimsOf(
  run: ScenarioRun,
  evidence: Evidence,
  client: { readonly name: string; readonly mac: string; readonly ip: string; readonly point: string },
  who: string,
): Promise<boolean> {
  const { points, network, segmentationId } = run;
  const { name, mac, ip, point } = client;
  const discover = await evidence.journey(`DISCOVER of ${name}`, dhcp('DISCOVER', mac), {
    from: point,
    to: points.dhcp,
  });
  run.claim(`${who} asks, untagged on brbm`, discover.carries(null, points.brbm));
  run.claim(
    `ovs-tap1 puts it into local VLAN ${network.local_vlan}`,
    discover.isTranslated(
      { point: points.brbm, vlan: null },
      { point: points.integration, vlan: network.local_vlan },
    ),
  );
  run.claim("and dnsmasq's tap takes it out of it", discover.carries(null, points.dhcp));
  run.claim(
    `the broadcast is flooded to the wire too, ${segmentationId === null ? 'untagged' : `as ${segmentationId}`}`,
    discover.carries(segmentationId, points.wire),
  );
  const ack = await evidence.journey(`ACK to ${name}`, dhcp('ACK', mac), { from: points.dhcp, to: point });
  const gives = ack.shows(`ACK of ${ip}`, dhcp('ACK', mac, ip));
  run.claim(`${who} is given the address that dnsmasq has for it`, gives);
  run.claim('the answer never goes to the wire', ack.neverReaches(points.wire));
  return gives.holds;
}
