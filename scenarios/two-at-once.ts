import { allOf, type FrameTest, fromIp, scenario } from 'baremetal-lab';

export default scenario({
  title: 'Two nodes are provisioned at once',
  teaches: `The conductor works on many nodes at a time, one task a node. A VM by pxe_ssh and a physical server by
    agent_ipmitool are deployed together; each gets its own files, options and image.`,
  outcomes: { flat: 'both' },
  tags: ['provisioning'],
  weight: { memory: 1800 },

  async run(run) {
    const { ironic, tftpServer } = run;
    const vm = run.vm(0);
    const server = run.server();
    const {
      result: [first, second],
      evidence,
    } = await run.capture(
      () =>
        Promise.all([
          ironic.provision(vm.name, { driver: 'pxe_ssh' }),
          ironic.provision(server.name, { driver: 'agent_ipmitool' }),
        ]),
      { points: [tftpServer.point] },
    );
    for (const [one, other] of [
      [vm, server],
      [server, vm],
    ] as const) {
      const { uuid } = await ironic.node(other.name);
      run.claim(
        `${one.name} asks for no file of ${other.name}`,
        evidence.neverAt(tftpServer.point, 'such requests', allOf(fromIp(one.ip), requestFor(uuid))),
      );
    }
    run.claim('the VM has its root partition', first.imageIsOnDisk);
    run.claim('the server has its whole disk', second.imageIsOnDisk);
    const outcomes = [first.outcome, second.outcome].filter((outcome) => outcome === 'login prompt');
    return outcomes.length === 2 ? 'both' : 'not both';
  },
});

function requestFor(uuid: string): FrameTest {
  return ({ decoded }) =>
    decoded.http?.some((it) => it.kind === 'request' && it.target.startsWith(`/${uuid}/`)) ?? false;
}
