import {
  dhcp,
  dhcpOptions,
  httpRange,
  httpRequest,
  inOrder,
  lastErrorSays,
  saidInOrder,
  scenario,
} from 'baremetal-lab';

export default scenario({
  title: 'A physical server is provisioned by agent_ipmitool',
  teaches: `Power and boot device go over IPMI; the server boots the deploy ramdisk over the provider network, its agent
    calls the conductor and streams the image to the disk, and the server boots from it. All of it hangs on the first
    DISCOVER: where br-int drops it, as on a VLAN network, the conductor waits in vain and ends in deploy failed.`,
  outcomes: { flat: 'login prompt', vlan: 'deploy failed' },
  tags: ['provisioning'],

  async run(run) {
    const { points, ironic } = run;
    const server = run.server();
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
        lastErrorSays(result, new RegExp(`no DHCP request of ${server.mac} came to dnsmasq`)),
      );
      return result.outcome;
    }
    const { result, evidence } = await run.capture(
      () => ironic.provision(server.name, { driver: 'agent_ipmitool' }),
      { points: [points.wire] },
    );
    run.claim(
      'the BMC is told to boot the server from the network, and after the image from its disk',
      saidInOrder(ironic.bmcRequests(server.name), [
        'Set System Boot Options: boot from pxe, persistent',
        'Chassis Control: power on',
        'Get Chassis Status',
        'Chassis Control: power off',
        'Set System Boot Options: boot from disk, persistent',
        'Chassis Control: power on',
        'Get Chassis Status',
      ]),
    );
    run.claim(
      'the ACK points to the boot script (option 67) and the TFTP server (66)',
      inOrder(evidence, points.wire, {
        DISCOVER: dhcp('DISCOVER', server.mac),
        'ACK with the script': dhcpOptions('ACK', server.mac, { 66: run.tftpServer.ip, 67: '/boot.ipxe' }),
      }),
    );
    run.claim(
      'the server asks for its boot script, kernel, ramdisk and image over HTTP, in this order, after its ACK',
      inOrder(evidence, points.wire, {
        ACK: dhcp('ACK', server.mac, server.ip),
        'boot.ipxe': httpRequest('GET', '/boot.ipxe'),
        kernel: httpRequest('GET', '/deploy_kernel'),
        ramdisk: httpRequest('GET', '/deploy_ramdisk'),
        'the agent’s look-up': httpRequest('POST', '/lookup'),
        'the agent’s heartbeat': httpRequest('POST', '/heartbeat'),
        'the image’s head, by its range': httpRange('/disk.qcow2', 0),
        'the whole image': httpRequest('GET', '/disk.qcow2'),
      }),
    );
    run.claim('the image is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(server.name)));
    const said = await ironic.overSsh(server.ip, 'hostname; cat /proc/cmdline');
    run.claim('a login over the network finds the new system', said.startsWith(server.name));
    return result.outcome;
  },
});
