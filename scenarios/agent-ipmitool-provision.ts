import { dhcp, type FrameTest, inOrder, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A physical server is provisioned by agent_ipmitool',
  teaches: `Power and boot device go over IPMI; the server boots the deploy ramdisk over the provider network, its agent
    calls the conductor and streams the image to the disk, and the server boots from it. All of it hangs on the first
    DISCOVER: where br-int drops it, as on a VLAN network, the conductor waits in vain and ends in deploy failed.`,
  outcomes: { flat: 'login prompt', vlan: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { points, ironic } = run;
    const [server] = run.topology.servers.filter(({ kind }) => kind === 'vm');
    if (!server) return run.skip('the topology has no server with a BMC');
    if (run.expected === 'deploy failed') {
      const { result, evidence } = await run.capture(() =>
        ironic.provision(server.name, { driver: 'agent_ipmitool', callbackTimeoutMs: 12_000 }),
      );
      const discover = await evidence.journey(`DISCOVER of ${server.name}`, dhcp('DISCOVER', server.mac), {
        to: points.dhcp,
      });
      run.claim('the DISCOVER is on the wire', discover.visits(points.wire));
      run.claim('a rule of br-int drops it', discover.isDroppedIn('br-int'));
      run.claim('it never comes to dnsmasq', discover.neverReaches(points.dhcp));
      run.claim(
        'last_error names the reason: no DHCP request came',
        result.lastError?.includes(`no DHCP request of ${server.mac} came to dnsmasq`) ?? false,
      );
      return result.outcome;
    }
    const { result, evidence } = await run.capture(
      () => ironic.provision(server.name, { driver: 'agent_ipmitool' }),
      { points: [points.wire] },
    );
    run.claim(
      'the server asks for its boot script, kernel, ramdisk and image over HTTP, in this order, after its ACK',
      inOrder(evidence, points.wire, {
        ACK: dhcp('ACK', server.mac, server.ip),
        'boot.ipxe': gets('/boot.ipxe'),
        kernel: gets('/deploy_kernel'),
        ramdisk: gets('/deploy_ramdisk'),
        'the agent’s call': posts('/lookup'),
        image: gets('/disk.qcow2'),
      }),
    );
    run.claim(
      'the ACK points to the boot script (option 67)',
      inOrder(evidence, points.wire, {
        'ACK with the script': ({ decoded }) =>
          decoded.dhcp?.type === 'ACK' &&
          decoded.dhcp.options.some(({ code, value }) => code === 67 && String(value).endsWith('/boot.ipxe')),
      }),
    );
    run.claim('the image is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(server.name)));
    const said = await ironic.overSsh(server.ip, 'hostname; cat /proc/cmdline');
    run.claim('a login over the network finds the new system', said.startsWith(server.name));
    return result.outcome;
  },
});

function gets(end: string): FrameTest {
  return requests('GET', end);
}

function posts(end: string): FrameTest {
  return requests('POST', end);
}

function requests(method: string, end: string): FrameTest {
  return ({ decoded }) =>
    decoded.http?.some((it) => it.kind === 'request' && it.method === method && it.target.endsWith(end)) ??
    false;
}
