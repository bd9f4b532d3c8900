import { httpRange, scenario, seenAt } from 'baremetal-lab';

/** Each is killed at once when it is first seen of a node. */
const networkBoot = ['power on', 'DISCOVER', 'lease', 'bootloader', 'kernel', 'ramdisk'];

/** Each of the two ways to deploy by each of the two ways to power, two nodes at a time. */
const pairs = [
  { vm: 'pxe_ssh', server: 'agent_ipmitool' },
  { vm: 'agent_ssh', server: 'pxe_ipmitool' },
];

export default scenario({
  title: 'The conductor is killed in each phase of a deployment',
  teaches: `Every step of a node is on the conductor's disk before the next begins. One that is killed is started again by
    whoever next asks for it, reads how far each deployment was, and takes it up: a network boot that found nobody tries
    again, an image is written anew or taken up at the byte where it was, and a tear-down is finished.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],
  weight: { memory: 1800, seconds: 160 },

  async run(run) {
    const { ironic, tftpServer } = run;
    const [vm, server] = [run.vm(0), run.server()];

    /** Deploys a node, and kills the conductor when it begins, at each phase, and while the image is written. */
    const killedAtEachPhase = async (name: string, driver: string, begun: Promise<unknown>) => {
      const killedAt: string[] = [];
      let last: Promise<unknown> = begun;
      const kill = (when: string) => {
        if (killedAt.includes(when)) return;
        killedAt.push(when);
        last = last.then(() => ironic.killConductor());
      };
      const provisioned = ironic.provision(name, {
        driver,
        onPhase: (phase) => {
          kill(phase);
          if (phase === 'agent') void ironic.isBeingWritten(name).then(() => kill('image being written'));
        },
      });
      await Promise.race([ironic.isIn(name, 'deploying').then(() => kill('deploying')), provisioned]);
      const result = await provisioned;
      await last;
      return { result, killedAt };
    };

    const outcomes: string[] = [];
    for (const drivers of pairs) {
      const { result, evidence } = await run.capture(
        () => {
          // Nobody is killed before both deployments have been asked for.
          const begun = Promise.all([vm, server].map(({ name }) => ironic.isIn(name, 'deploying')));
          return Promise.all([
            killedAtEachPhase(vm.name, drivers.vm, begun),
            killedAtEachPhase(server.name, drivers.server, begun),
          ]);
        },
        { points: [tftpServer.point] },
      );
      for (const [index, { result: end, killedAt }] of result.entries()) {
        const driver = index === 0 ? drivers.vm : drivers.server;
        const byAgent = driver.startsWith('agent');
        // What happens while nobody reads dnsmasq's log is not noted: of a network boot some phases are seen.
        const wanted = byAgent ? ['agent', 'image being written'] : ['iSCSI'];
        const seen = ['deploying', 'power on', ...wanted, 'image written', 'first boot'];
        run.claim(
          `${driver}: killed at each step of the conductor's own`,
          seen.every((phase) => killedAt.includes(phase)),
        );
        run.claim(
          `${driver}: and in the middle of the network boot`,
          killedAt.filter((phase) => networkBoot.includes(phase)).length > 2,
        );
        run.claim(`${driver}: the deployment ends within 240 s`, end.durationMs < 240_000);
        run.claim(`${driver}: the image is on the disk, byte for byte`, end.imageIsOnDisk);
        outcomes.push(end.outcome);
      }
      run.claim(
        `${[drivers.vm, drivers.server].find((driver) => driver.startsWith('agent'))}: the image was taken up at the byte where it was`,
        seenAt(evidence, tftpServer.point, 'GET of a later range', httpRange('/disk.qcow2', 'later')),
      );
      for (const { name } of [vm, server]) {
        const torn = ironic.tearDown(name);
        await ironic.isIn(name, 'deleting');
        await ironic.killConductor();
        run.claim(`${name}: killed while it is torn down, available in the end`, (await torn) === null);
      }
    }
    return outcomes.every((outcome) => outcome === 'login prompt') ? 'login prompt' : 'deploy failed';
  },
});
