import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LabCommand } from '../lab-command.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

async function explained(...args: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await lab.run(['explain', ...args]);
  expect(exitCode, stderr).toBe(0);
  const lines = stdout.split('\n');
  for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(100);
  expect(stdout).not.toContain('\u001b');
  return lines;
}

/** The numbered steps below a heading: point and tag. */
function walk(lines: readonly string[], heading: RegExp): string[] {
  const from = lines.findIndex((line) => heading.test(line));
  const steps = lines.slice(
    from + 1,
    lines.findIndex((line, index) => index > from && line === ''),
  );
  return steps.flatMap(
    (line) => /^ +\d+ \w+\/(\S+) .*?(untagged|VLAN \d+) /.exec(line)?.slice(1, 3).join(' ') ?? [],
  );
}

describe('lab explain', () => {
  it('tells how a physical server comes to its lease on the flat network, in a lab of its own that it ends', async () => {
    const lines = await explained('flat');
    expect(walk(lines, /^Physical server stand-in-1 asks/)).toEqual([
      'stand-in-1 untagged',
      'eth2 untagged',
      'br-eth2 untagged',
      'int-br-eth2 untagged',
      'br-int VLAN 2',
      'tap95552076-85 untagged',
    ]);
    const text = lines.join('\n');
    expect(text).toContain('→ dnsmasq answers: the address is 10.0.0.21');
    expect(text).toContain('an untagged frame from int-br-eth2  gives it local VLAN 2 and switches it');
    expect(text).toMatch(
      /Why the VLAN network fails\n.*in_port=int-br-eth2,dl_vlan=1001 actions=mod_vlan_vid:2,NORMAL/s,
    );
    expect((await lab.json<{ labs: unknown[] }>(['list'])).labs).toEqual([]);
  });

  it('tells why it fails on the VLAN network, in a lab that is up, which it leaves as it was', async () => {
    await lab.run(['up', 'vlan', '--quiet']);
    const state = async () =>
      (
        await lab.run([
          ...['exec', 'devstack', '--', 'sh', '-c'],
          'ovs-vsctl show; ip netns; ip -o link | cut -d: -f2; for b in br-int br-eth2; do ovs-ofctl dump-flows $b | cut -d, -f6-; done',
        ])
      ).stdout.replaceAll(/(idle_age|n_\w+)=\d+,? ?/g, '');
    const before = await state();
    const lines = await explained('vlan');
    expect(walk(lines, /^Physical server stand-in-1 asks/)).toEqual([
      'stand-in-1 untagged',
      'eth2 untagged',
      'br-eth2 untagged',
      'int-br-eth2 untagged',
    ]);
    expect(walk(lines, /^VM baremetalbrbm_0 asks/)).toEqual([
      'tape4a079fb-a5 untagged',
      'brbm-tap1 untagged',
      'br-int VLAN 2',
      'tape2f5f7f1-2c untagged',
    ]);
    expect(lines.join('\n')).toContain('✗ br-int drops it: from int-br-eth2 only segment 1001 may enter');
    expect(await state()).toBe(before);
    expect((await lab.json<{ labs: { name: string }[] }>(['list'])).labs.map(({ name }) => name)).toEqual([
      'vlan',
    ]);
    await lab.run(['down', '--quiet']);
  });

  it("keeps to its width with today's rules, which are longer", async () => {
    const file = join(lab.home, 'today.yaml');
    writeFileSync(file, `rules: current\n${readFileSync('topologies/flat.yaml', 'utf8')}`);
    const text = (await explained(file, '--quiet')).join('\n');
    expect(text).toContain('gives it local VLAN 2 and goes on in table 59');
    expect(text).toContain(`lab up ${file}`);
  });

  it('tells the story of a scenario on each of its topologies', async () => {
    const lines = await explained('dhcp-from-physical-tagged');
    expect(lines.filter((line) => /^On (flat|vlan): /.test(line))).toHaveLength(2);
    expect(lines).toContain('The outcome: lease');
    expect(lines).toContain('The outcome: no lease');
    expect(walk(lines, /^DISCOVER of stand-in-1/)).toContain('br-int VLAN 2');
  });

  it('refuses what is neither, and says what there is', async () => {
    const { exitCode, stderr } = await lab.run(['explain', 'dhcp-from-phsical']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /no topology and no scenario "dhcp-from-phsical"; did you mean "dhcp-from-physical"\?/,
    );
  });
});
