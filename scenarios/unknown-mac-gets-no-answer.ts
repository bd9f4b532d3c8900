import { dhcp, scenario } from 'baremetal-lab';

/** No topology has it. */
const strange = '52:54:00:ff:ff:01';

export default scenario({
  title: 'A server whose MAC nobody has entered asks for DHCP',
  teaches: `Neutron's dnsmasq has static ranges: it knows the MACs of the network's ports and answers nobody else. A
    server with a port has its lease at once; another one on the same cable, whose DISCOVER arrives just as well, is met
    with silence. A wrong digit in a node's MAC looks like a broken network, and is none.`,
  outcomes: { flat: 'only the known server is answered', vlan: 'only the known server is answered' },

  async run(run) {
    const { points } = run;
    const known = await run.client(0);
    const honest = await run.client(1);
    const stranger = await honest.renumbered(strange);
    const { result, evidence } = await run.capture(
      () => Promise.all([known.dhcp(), stranger.dhcp({ tries: 2 })]),
      { also: [known.point, stranger.point] },
    );
    await stranger.renumbered(honest.mac);

    const discover = await evidence.journey('DISCOVER of the stranger', dhcp('DISCOVER', strange), {
      from: stranger.point,
      to: points.dhcp,
    });
    run.claim("the stranger's DISCOVER comes to dnsmasq", discover.isDelivered());
    run.claim(
      'dnsmasq offers it nothing',
      evidence.neverAt(points.dhcp, 'OFFER to it', dhcp('OFFER', strange)),
    );
    run.claim('and refuses it nothing', evidence.neverAt(points.dhcp, 'NAK to it', dhcp('NAK', strange)));
    const ack = await evidence.journey(`ACK to ${known.name}`, dhcp('ACK', known.mac), {
      from: points.dhcp,
      to: known.point,
    });
    run.claim(
      `meanwhile it gives ${known.name} the address that it has for it`,
      ack.shows(`ACK of ${known.ip}`, dhcp('ACK', known.mac, known.ip)),
    );
    const [first, second] = result;
    if (first && !second) return 'only the known server is answered';
    return second ? 'the stranger is answered' : 'nobody is answered';
  },
});
