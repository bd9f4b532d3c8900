import { allOf, fromIp, icmpEcho, scenario, tftpRequest, toIp } from 'baremetal-lab';

const file = 'stand-in.txt';
const content = `${'What a stand-in fetches comes through the router as well.\n'.repeat(50)}`;

export default scenario({
  title: 'A stand-in reaches the outside through SNAT',
  teaches: `What snat-to-tftp shows with a VM's boot, in a second: a stand-in on brbm pings the server beyond br-ex and
    fetches a file. Of the ping the router knows the way back by itself; of TFTP, whose blocks come from another port than
    was asked, by its connection tracking helper alone.`,
  outcomes: { vlan: 'the outside answers' },

  async run(run) {
    const { router, tftpServer, points } = run;
    tftpServer.put(file, content);
    const client = await run.standInOnBrbm();
    await client.dhcp();
    const { result: answered, evidence } = await run.capture(
      async () => {
        const pinged = await client.ping(tftpServer.ip);
        await client.run(
          ['timeout', '5', 'busybox', 'tftp', '-g', '-r', file, '-l', '/dev/null', tftpServer.ip],
          {
            accept: [0, 1, 124, 143],
          },
        );
        return pinged;
      },
      { also: [client.point, router.inside, router.outside, tftpServer.point] },
    );

    const out = { from: client.point, to: tftpServer.point };
    const back = { from: tftpServer.point, to: client.point };
    const question = await evidence.journey(
      'echo request',
      allOf(icmpEcho('request'), fromIp(client.ip)),
      out,
    );
    run.claim(
      'it reaches the router in the local VLAN',
      question.carries(run.network.local_vlan, points.integration),
    );
    run.claim(
      `behind the router it comes from ${router.externalIp}`,
      question.shows(`source ${router.externalIp}`, fromIp(router.externalIp), router.outside),
    );
    run.claim('the server gets it', question.isDelivered());
    const answer = await evidence.journey(
      'echo reply',
      allOf(icmpEcho('reply'), toIp(router.externalIp)),
      back,
    );
    run.claim('and its answer finds back', answer.isDelivered());

    const request = await evidence.journey(`TFTP request for ${file}`, tftpRequest(file), out);
    run.claim(
      `the TFTP request, too, comes from ${router.externalIp}`,
      request.shows(`source ${router.externalIp}`, fromIp(router.externalIp), router.outside),
    );
    const whole = evidence.tftpDelivers(file, Buffer.from(content), client.point);
    run.claim('the file arrives whole, though from another port: the helper knows whose it is', whole);
    return answered && whole.holds ? 'the outside answers' : 'the outside does not answer';
  },
});
