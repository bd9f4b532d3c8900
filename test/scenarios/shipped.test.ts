import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/linux/process.ts';
import type { RunResult } from '../../src/scenarios/result.ts';
import { LabCommand } from '../lab-command.ts';
import { complaint, runOn, runScenario, type ScenarioDocument, wayOf } from './document.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

/** The two shipped scenarios that need a VM take ten seconds a topology, and more on a busy machine. */
const timeout = 180_000;

async function passes(name: string, topologies: readonly string[]): Promise<ScenarioDocument> {
  const document = await runScenario(lab, [name]);
  expect(document.runs.map(({ topology }) => topology).sort()).toEqual([...topologies].sort());
  for (const run of document.runs) expect(run.verdict, complaint(run)).toBe('pass');
  expect(document).toMatchObject({ schema: 'lab/scenario/1', scenario: name, verdict: 'pass' });
  for (const run of document.runs) await tsharkAgrees(run);
  showsOnPage(document);
  return document;
}

const page = readFileSync('docs/scenarios.md', 'utf8');

/** docs/scenarios.md shows what a reader gets: the outcomes, the journeys with their tags, the claims. */
function showsOnPage({ scenario, runs }: ScenarioDocument): void {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${scenario}\n`)) ?? '';
  for (const { topology, observed, claims, journeys } of runs) {
    const [shown = ''] = section.split(/^on (?=\w)/m).filter((text) => text.startsWith(topology));
    expect(shown).toContain(`${observed}, as declared  PASS`);
    const ticks = shown.match(/(?<=^ {2}✓ ).*$/gm);
    expect(ticks).toEqual(claims.map(({ text }) => text));
    const hops = [...shown.matchAll(/^ {4}([a-z]+\/\S+) .*?(untagged|VLAN \d+) +[\d.]+ ms$/gm)];
    expect(hops.map(([, point, tag]) => `${point} ${tag}`)).toEqual(
      journeys.flatMap((journey) =>
        journey.hops
          .filter(({ aside }) => !aside)
          .map(({ point, vlan }) => `${point} ${vlan === null ? 'untagged' : `VLAN ${vlan}`}`),
      ),
    );
  }
}

/** Every file opens, and every hop is in it: the same tag and time in the frame of that number. */
async function tsharkAgrees({ captures, journeys, claims }: RunResult): Promise<void> {
  const files = [...new Set(Object.values(captures))];
  const frames = new Map(await Promise.all(files.map(async (file) => [file, await tshark(file)] as const)));
  const hops = journeys.flatMap((journey) => journey.hops);
  expect(hops.length).toBeGreaterThan(0);
  for (const { point, file, frame, vlan, time } of hops) {
    expect(captures[point]).toBe(file);
    expect(frames.get(file)?.[frame - 1], `frame ${frame} of ${file}`).toEqual({ vlan, time });
  }
  for (const { file, frame } of claims.flatMap(({ evidence }) => evidence)) {
    expect(frame).toBeLessThanOrEqual(frames.get(file)?.length ?? 0);
  }
}

async function tshark(file: string): Promise<{ vlan: number | null; time: string }[]> {
  const fields = ['frame.time_epoch', 'vlan.id'].flatMap((field) => ['-e', field]);
  const { stdout } = await run(['tshark', '-n', '-r', file, '-T', 'fields', ...fields]);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [epoch = '', vlan = ''] = line.split('\t');
      const [seconds = '0', fraction = ''] = epoch.split('.');
      const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
      return { vlan: vlan === '' ? null : Number(vlan), time: `${whole}.${fraction.padEnd(9, '0')}Z` };
    });
}

describe('the scenarios that ship', () => {
  it(
    'dhcp-from-physical: a lease on flat, and on vlan the rule that is in the way',
    async () => {
      const document = await passes('dhcp-from-physical', ['flat', 'vlan']);
      const flat = runOn(document, 'flat');
      expect(flat).toMatchObject({ expected: 'lease', observed: 'lease' });
      expect(wayOf(flat, 'DISCOVER of stand-in-1')).toEqual([
        'rack/stand-in-1 -',
        'devstack/eth2 -',
        'devstack/br-eth2 -',
        'devstack/br-int 2',
        'devstack/tap -',
      ]);
      expect(wayOf(flat, 'OFFER to stand-in-1')).toEqual([
        'devstack/tap -',
        'devstack/br-int 2',
        'devstack/br-eth2 -',
        'devstack/eth2 -',
        'rack/stand-in-1 -',
      ]);
      const vlan = runOn(document, 'vlan');
      expect(vlan).toMatchObject({ expected: 'no lease', observed: 'no lease' });
      expect(wayOf(vlan, 'DISCOVER of stand-in-1')).toEqual([
        'rack/stand-in-1 -',
        'devstack/eth2 -',
        'devstack/br-eth2 -',
      ]);
      expect(vlan.journeys[0]?.outcome).toMatchObject({
        kind: 'dropped',
        bridge: 'br-int',
        rule: 'table=0, priority=2, in_port="int-br-eth2" actions=drop',
      });
    },
    timeout,
  );

  it(
    'dhcp-from-physical-tagged: the other way round',
    async () => {
      const document = await passes('dhcp-from-physical-tagged', ['flat', 'vlan']);
      expect(wayOf(runOn(document, 'vlan'), 'ACK to stand-in-1')).toEqual([
        'devstack/tap -',
        'devstack/br-int 2',
        'devstack/br-eth2 1001',
        'devstack/eth2 1001',
        'rack/stand-in-1 1001',
      ]);
      const flat = runOn(document, 'flat');
      expect(flat.observed).toBe('no lease');
      expect(flat.journeys[0]?.outcome).toMatchObject({ kind: 'dropped', bridge: 'br-int' });
    },
    timeout,
  );

  it(
    'dhcp-from-vm: a lease on both',
    async () => {
      const document = await passes('dhcp-from-vm', ['flat', 'vlan']);
      for (const run of document.runs) {
        expect(wayOf(run, 'DISCOVER of baremetalbrbm_0')).toEqual([
          'devstack/tap -',
          'devstack/brbm-tap1 -',
          'devstack/br-int 2',
          'devstack/tap -',
        ]);
        expect(wayOf(run, 'ACK to baremetalbrbm_1')).toEqual([
          'devstack/tap -',
          'devstack/br-int 2',
          'devstack/brbm-tap1 -',
          'devstack/tap -',
        ]);
      }
    },
    timeout,
  );

  it(
    'segment-translation: both directions, unicast and broadcast',
    async () => {
      const document = await passes('segment-translation', ['flat', 'vlan']);
      for (const [topology, tag] of [
        ['flat', '-'],
        ['vlan', '1001'],
      ] as const) {
        const run = runOn(document, topology);
        const inwards = [`rack/stand-in-1 ${tag}`, `devstack/eth2 ${tag}`, `devstack/br-eth2 ${tag}`];
        const outwards = [...inwards].reverse();
        for (const what of ['ARP request of stand-in-1', 'echo request of stand-in-1']) {
          expect(wayOf(run, what)).toEqual([...inwards, 'devstack/br-int 2', 'devstack/tap -']);
        }
        for (const what of ['ARP request of dnsmasq', 'ARP reply of dnsmasq']) {
          expect(wayOf(run, what)).toEqual(['devstack/tap -', 'devstack/br-int 2', ...outwards]);
        }
      }
    },
    timeout,
  );

  it(
    'article-placement: where the rules of the article fail, and which of them',
    async () => {
      const document = await passes('article-placement', ['flat', 'vlan']);
      for (const [topology, tag, rule] of [
        ['flat', '-', 'table=0, priority=3, dl_vlan=2 actions=strip_vlan,NORMAL'],
        ['vlan', '1001', 'table=0, priority=3, dl_vlan=2 actions=mod_vlan_vid:1001,NORMAL'],
      ] as const) {
        const run = runOn(document, topology);
        expect(run.with).toEqual({ rules: 'article', interconnect: 'patch' });
        expect(wayOf(run, 'DISCOVER of stand-in-1')).toEqual([
          `rack/stand-in-1 ${tag}`,
          `devstack/eth2 ${tag}`,
          'devstack/br-eth2 2',
          `devstack/br-int ${tag}`,
        ]);
        expect(run.journeys[0]?.outcome).toMatchObject({ kind: 'misdirected', bridge: 'br-int', rule });
        const fromVm = run.journeys.find(({ what }) => what === 'DISCOVER of baremetalbrbm_0');
        expect(fromVm?.hops).toContainEqual(expect.objectContaining({ point: 'devstack/eth2', vlan: 2 }));
      }
    },
    timeout,
  );

  it(
    'snat-to-tftp: the addresses on both sides of the router, by tshark too',
    async () => {
      const run = runOn(await passes('snat-to-tftp', ['vlan']), 'vlan');
      const [inside, outside] = ['qr-', 'qg-'].map(
        (prefix) =>
          Object.entries(run.captures).find(([point]) => point.startsWith(`devstack/${prefix}`))?.[1] ?? '',
      );
      expect(await tftpAddresses(inside ?? '')).toEqual(['10.0.0.10>192.0.2.10', '192.0.2.10>10.0.0.10']);
      expect(await tftpAddresses(outside ?? '')).toEqual(['192.0.2.10>192.0.2.2', '192.0.2.2>192.0.2.10']);
    },
    timeout,
  );

  it(
    'run with the rules of today, and with veths for patch ports',
    async () => {
      const document = await runScenario(lab, [
        'segment-translation',
        '--topology',
        ...variants(['rules: current', 'interconnect: veth', 'rules: current\ninterconnect: veth']),
      ]);
      for (const run of document.runs) expect(run.verdict, complaint(run)).toBe('pass');
      expect(document.runs).toHaveLength(6);
    },
    timeout,
  );

  it(
    'run on a topology of the user, with other ids, a crowd of servers and one capture point',
    async () => {
      const file = join(lab.home, 'other.yaml');
      writeFileSync(file, otherTopology);
      for (const name of ['dhcp-from-physical-tagged', 'segment-translation']) {
        const [run] = (await runScenario(lab, [name, '--topology', file])).runs;
        expect(run && complaint(run)).toBe('pass');
      }
    },
    timeout,
  );
});

/** Who sent TFTP to whom. */
async function tftpAddresses(file: string): Promise<string[]> {
  const fields = ['-T', 'fields', '-E', 'separator=>', '-e', 'ip.src', '-e', 'ip.dst'];
  const { stdout } = await run(['tshark', '-n', '-r', file, '-Y', 'tftp', ...fields]);
  return [...new Set(stdout.trim().split('\n'))].sort();
}

/** The shipped topologies with other settings: files of the user's. */
function variants(settings: readonly string[]): string[] {
  const folder = `${lab.home}/variants`;
  mkdirSync(folder);
  return settings.flatMap((setting, index) =>
    ['flat', 'vlan'].map((topology) => {
      const file = `${folder}/${topology}-${index}.yaml`;
      writeFileSync(file, `${setting}\n${readFileSync(`topologies/${topology}.yaml`, 'utf8')}`);
      return file;
    }),
  );
}

const otherTopology = `
networks:
  - name: provider
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: 7 }
    local_vlan: 9
    subnet: { cidr: 10.1.0.0/24 }
servers: [{ name: a-server-with-a-long-name, kind: namespace, count: 3 }]
capture_points: [devstack/eth2]
`;
