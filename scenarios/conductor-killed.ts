import { scenario } from 'baremetal-lab';

export default scenario({
  title: 'The conductor is killed in mid-deployment',
  teaches: `Every step of a node is on the conductor's disk before the next begins. One that is killed is started again by
    whoever next asks for it, reads how far each deployment was, and takes it up where the ramdisk still waits for it.`,
  outcomes: { flat: 'login prompt' },
  tags: ['provisioning'],
  weight: { seconds: 300 },

  async run(run) {
    const { ironic } = run;
    const vm = run.vm(0);
    const kills = { pxe_ssh: ['iSCSI', 'lease'], agent_ssh: ['power on', 'agent', 'image written'] };
    const outcomes: string[] = [];
    for (const [driver, phases] of Object.entries(kills)) {
      for (const phase of phases) {
        let killed: Promise<void> | undefined;
        const { outcome, imageIsOnDisk } = await ironic.provision(vm.name, {
          driver,
          onPhase: (name) => {
            if (name === phase) killed ??= ironic.killConductor();
          },
        });
        await killed;
        run.claim(`${driver}, killed at ${phase}: the image is on the disk all the same`, imageIsOnDisk);
        outcomes.push(outcome);
        await ironic.tearDown(vm.name);
      }
    }
    return outcomes.every((outcome) => outcome === 'login prompt') ? 'login prompt' : 'deploy failed';
  },
});
