import { countAt, dhcp, fromMac, scenario } from 'baremetal-lab';

export default scenario({
  title: 'DHCP over a wire that loses frames',
  teaches: `Nothing in Ethernet or UDP notices a lost frame: the client does, by a timer, and asks again. A wire that loses
    two frames of five costs seconds, not the lease. Which frames are lost is decided by the seed, so that the run can be
    repeated frame by frame.`,
  outcomes: { flat: 'lease after retries', vlan: 'lease after retries' },
  with: { link_faults: { wire: { loss: 0.4, seed: 26 } } },

  async run(run) {
    const { points } = run;
    const wire = run.link('wire');
    const client = await run.client();
    await run.silenceIpv6();
    const { result: lease, evidence } = await run.capture(
      async () => {
        // From here the first frame is the first.
        await wire.set(wire.faults);
        return client.dhcp({ tries: 5 });
      },
      { also: [client.point, wire.far] },
    );

    const fromClient = fromMac(client.mac);
    run.claim(
      `inwards the wire loses just what seed ${wire.faults.seed} says`,
      wire.followsItsSeed(evidence, 'in', fromClient),
    );
    run.claim(
      'and outwards as well',
      wire.followsItsSeed(evidence, 'out', (frame) => !fromClient(frame)),
    );

    const lost = await evidence.journey('first DISCOVER', dhcp('DISCOVER', client.mac), {
      from: client.point,
      to: points.dhcp,
    });
    run.claim('the first DISCOVER is lost on the wire', lost.neverReaches(points.wire));
    const asked = countAt(evidence, client.point, 3, 'DISCOVERs', dhcp('DISCOVER', client.mac));
    run.claim('the client asks three times', asked);
    run.claim(
      'two of these arrive, and are answered',
      countAt(evidence, points.dhcp, 2, 'OFFERs', dhcp('OFFER', client.mac)),
    );
    run.claim(
      'of the OFFERs one arrives',
      countAt(evidence, client.point, 1, 'OFFERs', dhcp('OFFER', client.mac)),
    );
    const ack = await evidence.journey(`ACK to ${client.name}`, dhcp('ACK', client.mac, client.ip), {
      from: points.dhcp,
      to: client.point,
    });
    run.claim('and in the end the client has its address', ack.isDelivered());
    if (!lease) return 'no lease';
    return asked.holds ? 'lease after retries' : 'lease';
  },
});
