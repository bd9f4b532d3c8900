import { arpRequestFor, scenario } from 'baremetal-lab';

/** A local VLAN that no network has. */
const foreign = 77;
const target = '198.51.100.1';

export default scenario({
  title: 'What belongs to no network stays in br-int',
  teaches: `A frame leaves for the wire by a rule of br-eth2 that is for its local VLAN and gives it the VLAN id of the
    wire. For a local VLAN without such a rule there is only the one that drops: nobody on the wire sees frames of VLANs that
    mean nothing there, or something else.`,
  outcomes: { flat: 'nothing leaves', vlan: 'nothing leaves' },

  async run(run) {
    const { points } = run;
    const stranger = await run.stranger(foreign);
    const { evidence } = await run.capture(
      () =>
        stranger.run(['busybox', 'arping', '-c', '1', '-w', '1', '-I', 'eth0', target], { accept: [0, 1] }),
      { also: [stranger.point] },
    );
    const question = await evidence.journey(`ARP request of ${stranger.name}`, arpRequestFor(target), {
      from: stranger.point,
      to: points.wire,
    });
    run.claim(`br-int has it in VLAN ${foreign}`, question.carries(foreign, points.integration));
    run.claim(
      'a rule of br-eth2 drops it, by its counter and by ofproto/trace',
      question.isDroppedIn('br-eth2'),
    );
    run.claim('it never comes to the wire', question.neverReaches(points.wire));
    run.claim("nor to dnsmasq's tap", question.neverReaches(points.dhcp));
    run.claim('nor to brbm', question.neverReaches(points.brbm));
    return question.at(points.wire) ? 'it leaves' : 'nothing leaves';
  },
});
