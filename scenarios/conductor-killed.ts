import { httpRange, scenario, seenAt } from 'baremetal-lab';

/** Each is killed at once when it is first seen of a node. */
const networkBoot = ['power on', 'DISCOVER', 'lease', 'bootloader', 'kernel', 'ramdisk'];

/** The conductor's own steps, of which the third is the ramdisk's call. */
const killedBy = (call: 'iSCSI' | 'agent') => [
  'deploying',
  'power on',
  call,
  'image being written',
  'image written',
  'first boot',
];

export default scenario({
  title: 'The conductor is killed in each phase of a deployment',
  teaches: `Every step of a node is on the conductor's disk before the next begins. One that is killed is started again by
    whoever next asks for it, reads how far each deployment was, and takes it up: a network boot goes on without it, an
    image is written anew, and a tear-down is finished. A node that boots over the network into the system that it was
    deployed does not need it at all. With the conductor of an agent that writes its image the HTTP server is killed:
    the agent takes the image up at the byte where it was.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],
  weight: { memory: 1800, seconds: 160 },

  async run(run) {
    const { ironic, tftpServer } = run;
    const [vm, server] = [run.vm(0), run.server()];
    const outcomes: string[] = [];

    /** Deploys a node, and kills the conductor when it begins, at each phase, and while the image is written. */
    const killedAtEachPhase = async (name: string, driver: string, begun: Promise<unknown>) => {
      const call = driver.startsWith('agent') ? 'agent' : 'iSCSI';
      const wanted = killedBy(call);
      const killedAt: string[] = [];
      let last: Promise<unknown> = begun;
      let hadConductor: boolean | undefined;
      const kill = (when: string) => {
        if (killedAt.includes(when) || ![...wanted, ...networkBoot].includes(when)) return;
        killedAt.push(when);
        // Whoever starts the conductor again starts the server of images too.
        if (call === 'agent' && when === 'image being written')
          last = last.then(() => ironic.killFileServer());
        last = last.then(() => ironic.killConductor());
      };
      const provisioned = ironic.provision(name, {
        driver,
        onPhase: (phase) => {
          kill(phase);
          if (phase === 'login prompt') hadConductor = ironic.conductorRuns();
          if (phase === call) void ironic.isBeingWritten(name).then(() => kill('image being written'));
        },
      });
      await Promise.race([ironic.isIn(name, 'deploying').then(() => kill('deploying')), provisioned]);
      const end = await provisioned;
      await last;
      run.claim(
        `${driver}: killed at each step of the conductor's own`,
        wanted.every((phase) => killedAt.includes(phase)),
      );
      // What happens while nobody reads dnsmasq's log is not noted: of a network boot some phases are seen.
      run.claim(
        `${driver}: and in the middle of the network boot`,
        killedAt.filter((phase) => networkBoot.includes(phase)).length > 2,
      );
      // Two at once have one conductor, and whoever watches the other one starts it again.
      if (call === 'iSCSI')
        run.claim(`${driver}: its system boots without a conductor`, hadConductor === false);
      run.claim(`${driver}: the deployment ends within 240 s`, end.durationMs < 240_000);
      run.claim(`${driver}: the image is on the disk, byte for byte`, end.imageIsOnDisk);
      outcomes.push(end.outcome);
    };

    const tornDown = async (name: string) => {
      const torn = ironic.tearDown(name);
      await ironic.isIn(name, 'deleting');
      await ironic.killConductor();
      run.claim(`${name}: killed while it is torn down, available in the end`, (await torn) === null);
    };

    await killedAtEachPhase(vm.name, 'pxe_ssh', Promise.resolve());
    await killedAtEachPhase(server.name, 'pxe_ipmitool', Promise.resolve());
    for (const { name } of [vm, server]) await tornDown(name);

    const { evidence } = await run.capture(
      async () => {
        // Nobody is killed before both deployments have been asked for.
        const begun = Promise.all([vm, server].map(({ name }) => ironic.isIn(name, 'deploying')));
        await Promise.all([
          killedAtEachPhase(vm.name, 'agent_ssh', begun),
          killedAtEachPhase(server.name, 'agent_ipmitool', begun),
        ]);
      },
      { points: [tftpServer.point] },
    );
    run.claim(
      'the agents took the image up at the byte where it was',
      seenAt(evidence, tftpServer.point, 'GET of a later range', httpRange('/disk.qcow2', 'later')),
    );
    for (const { name } of [vm, server]) await tornDown(name);
    return outcomes.every((outcome) => outcome === 'login prompt') ? 'login prompt' : 'deploy failed';
  },
});
