import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LabCommand } from '../lab-command.ts';
import { runOn, runScenario } from './document.ts';

/*
 * A lab that somebody has broken: the verdict is fail, and the report names the hop. Each break is made by hand in a lab
 * of the name that --keep gives, so that the scenario finds it up and uses it as it is.
 */

const lab = new LabCommand();
afterAll(() => lab.end());

const keep = ['dhcp-from-physical', '--topology', 'flat', '--keep'];
const kept = 'dhcp-from-physical-flat';

/** A new lab in which a command has been run in devstack. */
async function labBrokenBy(command: string): Promise<void> {
  await lab.run(['down', '--all', '--quiet']);
  for (const args of [
    ['up', 'flat', '--name', kept],
    ['exec', '--name', kept, 'devstack', '--', 'sh', '-ec', command],
  ]) {
    const { exitCode, stderr } = await lab.run(args);
    expect(exitCode, stderr).toBe(0);
  }
}

const junoFlat = 'priority=3,in_port=int-br-eth2,vlan_tci=0x0000/0x1fff';

describe('the guilty hop is named when', () => {
  it.each([
    {
      breaks: 'the rule that gives the local VLAN is gone',
      command: `ovs-ofctl --strict del-flows br-int ${junoFlat}`,
      journey: 'DISCOVER of stand-in-1',
      outcome: {
        kind: 'dropped',
        bridge: 'br-int',
        rule: 'table=0, priority=2, in_port="int-br-eth2" actions=drop',
      },
    },
    {
      breaks: 'br-int has no rules at all',
      command: 'ovs-ofctl del-flows br-int',
      journey: 'DISCOVER of stand-in-1',
      outcome: { kind: 'dropped', bridge: 'br-int', rule: 'table=0: no rule matches', packets: null },
    },
    {
      breaks: 'a rule for DHCP stands in the way at the wire',
      command: 'ovs-ofctl add-flow br-eth2 priority=9,in_port=eth2,udp,actions=drop',
      journey: 'DISCOVER of stand-in-1',
      outcome: {
        kind: 'dropped',
        bridge: 'br-eth2',
        rule: 'table=0, priority=9, udp,in_port=eth2 actions=drop',
      },
    },
    {
      breaks: 'the rule for the way back is gone',
      command: 'ovs-ofctl --strict del-flows br-eth2 priority=4,in_port=phy-br-eth2,dl_vlan=2',
      journey: 'OFFER to stand-in-1',
      outcome: {
        kind: 'dropped',
        bridge: 'br-eth2',
        rule: 'table=0, priority=2, in_port="phy-br-eth2" actions=drop',
      },
    },
    {
      breaks: 'frames are given the VLAN of another network',
      command: `ovs-ofctl --strict mod-flows br-int ${junoFlat},actions=mod_vlan_vid:5,NORMAL`,
      journey: 'DISCOVER of stand-in-1',
      outcome: { kind: 'misdirected', bridge: 'br-int', vlan: 5 },
    },
  ])('$breaks', { timeout: 60_000 }, async ({ command, journey, outcome }) => {
    await labBrokenBy(command);
    const run = runOn(await runScenario(lab, keep), 'flat');
    expect(run).toMatchObject({ verdict: 'fail', expected: 'lease', observed: 'no lease' });
    expect(run.journeys.find(({ what }) => what === journey)?.outcome).toMatchObject(outcome);
    const failing = run.claims.filter(({ holds }) => !holds);
    expect(failing.length).toBeGreaterThan(0);
    expect(failing.flatMap(({ journeys }) => journeys ?? []).map(({ what }) => what)).toContain(journey);
  });

  it('and the text for people shows it with the frames to look up', { timeout: 60_000 }, async () => {
    await labBrokenBy(`ovs-ofctl --strict del-flows br-int ${junoFlat}`);
    const { stdout, exitCode } = await lab.run(['scenario', ...keep, '--quiet']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('on flat: no lease, but declared is lease  FAIL');
    const claim = stdout.slice(stdout.indexOf('✗ inside br-int it carries local VLAN 2'));
    expect(claim).toMatch(
      /^✗ inside br-int.*\n.*not seen at devstack\/br-int; dropped in br-int by table=0, priority=2.*\n\s+DISCOVER of stand-in-1\n\s+rack\/stand-in-1 .*untagged.*\n\s+devstack\/eth2 .*\n\s+devstack\/br-eth2 .*\n\s+✗ dropped in br-int by/,
    );
    expect(claim).toMatch(/frame \d+ at devstack\/eth2: .*\/devstack_eth2\.pcap/);
    expect(stdout.trimEnd()).toMatch(/FAIL dhcp-from-physical$/);
  });

  it('the topology has rules that cannot work', { timeout: 60_000 }, async () => {
    const file = join(lab.home, 'wrong.yaml');
    writeFileSync(file, `rules: article\n${readFileSync('topologies/flat.yaml', 'utf8')}`);
    const [run] = (await runScenario(lab, ['dhcp-from-physical', '--topology', file])).runs;
    expect(run).toMatchObject({
      topology: 'wrong',
      verdict: 'fail',
      expected: 'lease',
      observed: 'no lease',
    });
    expect(run?.journeys[0]?.outcome).toMatchObject({
      kind: 'misdirected',
      bridge: 'br-int',
      rule: 'table=0, priority=3, dl_vlan=2 actions=strip_vlan,NORMAL',
      vlan: null,
    });
  });
});
