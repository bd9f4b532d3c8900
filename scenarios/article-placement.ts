import { dhcp, scenario } from 'baremetal-lab';

export default scenario({
  title: "The article's rules, taken literally",
  teaches: `The article translates the other way round: "incoming" on br-eth2, "outgoing" on br-int. Built so, both fail.
    A VM's frame carries no tag in br-int's flow table, as an access port's frame gets its VLAN from NORMAL only, so the
    outgoing rule never matches and the wire carries the local VLAN. And what br-eth2 has given the local VLAN on its way
    in does match the outgoing rule in br-int, which undoes it: dnsmasq never hears of it. VMs and dnsmasq find each other
    inside br-int all the same, which is why nobody notices before the first physical server.`,
  outcomes: { flat: 'only the VM has a lease', vlan: 'only the VM has a lease' },
  with: { rules: 'article', interconnect: 'patch' },

  async run(run) {
    if (Object.keys(run.topology.bridge_mappings).length > 1) run.skip('the article has one wire');
    const { points, network, segmentationId } = run;
    const local = network.local_vlan;
    const onWire = segmentationId === null ? 'no tag' : String(segmentationId);
    const vm = await run.standInOnBrbm();
    // The server sends what is right on the wire: any other frame could not arrive anyway.
    const server = await run.client();
    const { evidence } = await run.capture(() => Promise.all([vm.dhcp(), server.dhcp({ tries: 2 })]), {
      also: [server.point, vm.point],
    });

    const fromServer = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
      from: server.point,
      to: points.dhcp,
    });
    run.claim(
      `incoming: ${onWire} becomes ${local} in br-eth2 already`,
      fromServer.isTranslated(
        { point: points.wire, vlan: segmentationId },
        { point: points.physicalBridge, vlan: local },
      ),
    );
    run.claim(
      `in br-int the outgoing rule takes it for an outgoing frame: ${local} becomes ${onWire} again`,
      fromServer.isTranslated(
        { point: points.physicalBridge, vlan: local },
        { point: points.integration, vlan: segmentationId },
      ),
    );
    run.claim(
      'there it is lost: that rule forwards it in a VLAN which dnsmasq is not in',
      fromServer.isMisdirectedIn('br-int'),
    );
    run.claim('it never comes to dnsmasq', fromServer.neverReaches(points.dhcp));

    const fromVm = await evidence.journey(`DISCOVER of ${vm.name}`, dhcp('DISCOVER', vm.mac), {
      from: vm.point,
      to: points.dhcp,
    });
    run.claim(
      `outgoing: the VM's broadcast is in VLAN ${local} in br-int`,
      fromVm.carries(local, points.integration),
    );
    run.claim(
      `and goes to the wire with VLAN ${local}, where ${onWire} belongs: the outgoing rule has not matched`,
      fromVm.carries(local, points.wire),
    );
    const ackToVm = await evidence.journey(`ACK to ${vm.name}`, dhcp('ACK', vm.mac), {
      from: points.dhcp,
      to: vm.point,
    });
    const vmHasLease = ackToVm.shows(`ACK of ${vm.ip}`, dhcp('ACK', vm.mac, vm.ip));
    run.claim('inside br-int the VM and dnsmasq find each other all the same', vmHasLease);

    const serverHasNone = evidence.neverAt(
      server.point,
      `OFFER to ${server.name}`,
      dhcp('OFFER', server.mac),
    );
    run.claim('the server is offered nothing', serverHasNone);
    if (!serverHasNone.holds) return 'the server has a lease';
    return vmHasLease.holds ? 'only the VM has a lease' : 'nobody has a lease';
  },
});
