import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { chooseAccelerator } from '../../../src/libvirt/accelerator.ts';
import { ProgressLog } from '../../../src/report/progress.ts';
import { mutate } from '../../../src/suite/mutation/mutate.ts';
import { mutatedOf } from '../../../src/suite/mutation/mutated.ts';
import { planSuite } from '../../../src/suite/plan.ts';

const home = mkdtempSync(join(tmpdir(), 'lab-test-'));
const before = process.env.LAB_HOME;
process.env.LAB_HOME = home;
afterAll(() => {
  if (before === undefined) delete process.env.LAB_HOME;
  else process.env.LAB_HOME = before;
  rmSync(home, { recursive: true });
});

/** One of each way to spoil a thing, with the scenario that is to notice, and what its report is to say. */
const chosen: Readonly<Record<string, { readonly scenario: string; readonly says: RegExp }>> = {
  'rule br-eth2 table=0,priority=4,in_port=phy-br-eth2,dl_vlan=2: removed': {
    scenario: 'segment-translation',
    says: /^br-eth2 lacks the rule table=0,priority=4,in_port=phy-br-eth2,dl_vlan=2 /,
  },
  'tag ovs-tap1: 3 instead of 2': {
    scenario: 'every-machine-is-known',
    says: /^port ovs-tap1 has tag 3 instead of 2$/,
  },
  'port phy-br-eth2: removed': {
    scenario: 'segment-translation',
    says: /^br-eth2 has no port phy-br-eth2$/,
  },
  'dhcp-host 52:54:00:00:03:01: removed': {
    scenario: 'every-machine-is-known',
    says: /^dnsmasq of network provider has no host entry for 52:54:00:00:03:01$/,
  },
  'dnsmasq provider --domain: --domain=openstacklocal.example instead of --domain=openstacklocal': {
    scenario: 'every-machine-is-known',
    says: /runs with --domain=openstacklocal\.example instead of --domain=openstacklocal$/,
  },
  'ipmi server-2 Get Chassis Status: the other power state': {
    scenario: 'bmc-answers',
    says: /^BMC of server-2 answered Get Chassis Status with [0-9a-f]+: it says that the power is on, and libvirt says shut off$/,
  },
};

it('mutants are noticed by the scenario that is for them, which names the cause', {
  timeout: 180_000,
}, async () => {
  const scenarios = ['segment-translation', 'every-machine-is-known', 'bmc-answers'];
  const root = process.cwd();
  const choice = { patterns: scenarios, topologies: ['flat'], tags: undefined, without: [] };
  const plan = await planSuite(choice, { cwd: root, packageRoot: root });
  const progress = new ProgressLog();
  const { mutants, counts } = await mutate(await mutatedOf(plan, root), {
    accelerator: await chooseAccelerator(progress),
    jobs: 2,
    progress,
    only: ({ mutation: { thing, change } }) => `${thing}: ${change}` in chosen,
  });
  const said = mutants.map(({ thing, change, scenario, causes }) => [
    `${thing}: ${change}`,
    { scenario, cause: causes[0]?.text },
  ]);
  const wanted = Object.entries(chosen).map(([name, { scenario, says }]) => [
    name,
    { scenario, cause: expect.stringMatching(says) },
  ]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(wanted));
  expect(counts).toEqual({ mutants: wanted.length, caught: wanted.length, named: wanted.length });
});
