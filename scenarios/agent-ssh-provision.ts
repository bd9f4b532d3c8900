import { dhcp, httpRange, httpRequest, inOrder, scenario } from 'baremetal-lab';

export default scenario({
  title: 'A VM on brbm is provisioned by agent_ssh',
  teaches: `The agent does not care how the node's power is reached: with virsh over SSH it deploys a VM on brbm just as it
    deploys a physical server, on flat and on vlan, where its calls and the image go through the router's SNAT.`,
  outcomes: { flat: 'login prompt', vlan: 'login prompt' },
  tags: ['provisioning'],

  async run(run) {
    const { ironic, points, tftpServer } = run;
    const vm = run.vm(0);
    const { result, evidence } = await run.capture(() => ironic.provision(vm.name, { driver: 'agent_ssh' }), {
      points: [points.dhcp, tftpServer.point],
    });
    run.claim(
      'dnsmasq gives it its address',
      inOrder(evidence, points.dhcp, {
        DISCOVER: dhcp('DISCOVER', vm.mac),
        ACK: dhcp('ACK', vm.mac, vm.ip),
      }),
    );
    run.claim(
      'its agent looks itself up, calls, and fetches the image',
      inOrder(evidence, tftpServer.point, {
        ramdisk: httpRequest('GET', '/deploy_ramdisk'),
        'look-up': httpRequest('POST', '/vendor_passthru/lookup'),
        heartbeat: httpRequest('POST', '/vendor_passthru/heartbeat'),
        'the image’s head, by its range': httpRange('/disk.qcow2', 0),
        'the whole image': httpRequest('GET', '/disk.qcow2'),
      }),
    );
    run.claim('the image is on the disk, byte for byte', result.imageIsOnDisk);
    run.claim('the console shows a login prompt', / login: ?$/m.test(ironic.console(vm.name)));
    const said = await ironic.overSsh(vm.ip, 'hostname');
    run.claim('a login over the network finds the new system', said === vm.name.replace('_', '-'));
    return result.outcome;
  },
});
