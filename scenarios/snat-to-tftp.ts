import {
  dhcp,
  type FrameTest,
  fromIp,
  noProxyDhcp,
  scenario,
  tftpData,
  tftpRequest,
  toIp,
} from 'baremetal-lab';

const file = 'boot.ipxe';

/** An iPXE script that does nothing, with remarks that make it fill many blocks. */
const script = [
  '#!ipxe',
  ...Array.from({ length: 500 }, (_, line) => `# ${line}: what a VM boots comes through the router's SNAT`),
  'exit',
  '',
].join('\n');

export default scenario({
  title: 'A VM fetches its boot file through SNAT',
  teaches: `The TFTP server lies beyond br-ex; the way there is the tenant network's router, which puts its own address
    in the place of the VM's. TFTP answers from a port of its choice, not from the one that was asked, so that the router
    would not know whose the file is: it takes the connection tracking helper for TFTP to let the blocks in.`,
  outcomes: { vlan: 'the file arrives' },

  async run(run) {
    if (run.topology.routers.length === 0) run.skip('this topology has no router');
    const { points, router, tftpServer, dhcpServer } = run;
    const vm = run.vm();
    tftpServer.put(file, script);
    // What Ironic has Neutron tell a node.
    await dhcpServer.setOptions(vm, [
      { option: 'bootfile-name', value: file },
      { option: 'server-ip-address', value: tftpServer.ip },
      { option: 'tftp-server', value: tftpServer.ip },
      noProxyDhcp,
    ]);
    await vm.powerOnPaused();
    const { evidence } = await run.capture(
      async () => {
        await vm.resume();
        await tftpServer.sent(file, 90_000);
      },
      { also: [vm.point, router.inside, router.outside, tftpServer.point] },
    );
    await vm.powerOff();

    const ack = await evidence.journey(`ACK to ${vm.name}`, dhcp('ACK', vm.mac), {
      from: points.dhcp,
      to: vm.point,
    });
    run.claim(
      'dnsmasq tells the VM where its boot file is',
      ack.shows(`${file} at ${tftpServer.ip}`, tellsBootFile(file, tftpServer.ip)),
    );

    const request = await evidence.journey(`TFTP request for ${file}`, tftpRequest(file), {
      from: vm.point,
      to: tftpServer.point,
    });
    run.claim(
      `before the router it comes from ${vm.ip}`,
      request.shows(`source ${vm.ip}`, fromIp(vm.ip), router.inside),
    );
    run.claim(
      `behind it from ${router.externalIp}`,
      request.shows(`source ${router.externalIp}`, fromIp(router.externalIp), router.outside),
    );
    run.claim('so the server gets it', request.isDelivered());

    const data = await evidence.journey(`block 1 of ${file}`, tftpData(file, 1), {
      from: tftpServer.point,
      to: vm.point,
    });
    run.claim(
      'the server answers from another port than it was asked at',
      data.shows(
        'a source port that is not 69',
        ({ decoded }) => decoded.udp?.srcPort !== 69,
        router.outside,
      ),
    );
    run.claim(
      `its block is for ${router.externalIp} before the router`,
      data.shows(`destination ${router.externalIp}`, toIp(router.externalIp), router.outside),
    );
    run.claim(
      `and for ${vm.ip} behind it: the helper knows whose it is`,
      data.shows(`destination ${vm.ip}`, toIp(vm.ip), router.inside),
    );
    const whole = evidence.tftpDelivers(file, Buffer.from(script), vm.point);
    run.claim('the file arrives whole, block for block', whole);
    return whole.holds ? 'the file arrives' : 'the file does not arrive';
  },
});

/** Option 67 names the file (RFC 2132, section 9.5), the message's siaddr the server (RFC 2131). */
function tellsBootFile(name: string, server: string): FrameTest {
  return ({ decoded: { dhcp } }) =>
    dhcp?.siaddr === server && dhcp.options.some(({ code, value }) => code === 67 && value === name);
}
