import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { decodeFrame } from '../../src/packets/decode.ts';
import { type Capture, readCaptureFile } from '../../src/packets/read.ts';
import type { RunResult } from '../../src/scenarios/result.ts';
import { LabCommand } from '../lab-command.ts';
import { type ScenarioDocument, wayOf } from '../scenarios/document.ts';
import { failingScenario } from './failing.ts';

const lab = new LabCommand();
afterAll(() => lab.end());

const bundles = join(lab.home, 'bundles');

async function failing(args: readonly string[]): Promise<RunResult> {
  const { stdout } = await lab.run(['scenario', ...args, '--bundle', bundles, '--json', '--quiet']);
  const [only] = (JSON.parse(stdout) as ScenarioDocument).runs;
  if (!only) throw new Error(stdout);
  return only;
}

function textOf(bundle: string | undefined, path: string): string {
  return readFileSync(join(bundle ?? '', path), 'utf8');
}

function filesOf(bundle: string | undefined): string[] {
  return readdirSync(bundle ?? '', { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(bundle ?? '', path)).isFile(),
  );
}

describe('the bundle of a run on rules that cannot work', () => {
  let result: RunResult;
  let capture: Capture;

  beforeAll(async () => {
    const file = join(lab.home, 'wrong.yaml');
    writeFileSync(file, `rules: article\n${readFileSync('topologies/flat.yaml', 'utf8')}`);
    result = await failing(['dhcp-from-physical', '--topology', file]);
    capture = await readCaptureFile(join(result.bundle ?? '', 'captures.pcapng'));
  });

  it('is told where it is', () => {
    expect(result).toMatchObject({ verdict: 'fail', bundle: join(bundles, 'dhcp-from-physical-on-wrong') });
  });

  it('explains each of its files', () => {
    const readme = textOf(result.bundle, 'README.txt');
    expect(readme).toMatch(/^dhcp-from-physical on wrong: FAIL\n/);
    expect(readme).toContain('- inside br-int it carries local VLAN 2');
    for (const path of filesOf(result.bundle)) {
      const first = path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : path;
      if (first !== 'README.txt') expect(readme).toMatch(new RegExp(`^${first.replace('.', '\\.')}`, 'm'));
    }
  });

  it('has one capture of all points, an interface a point, in the order of time', () => {
    expect(capture.error).toBeUndefined();
    expect(capture.interfaces.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['rack/stand-in-1', 'devstack/eth2', 'devstack/br-int']),
    );
    const times = capture.frames.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  });

  it('to whose frames the result refers', () => {
    const hops = result.journeys.flatMap((journey) => journey.hops);
    expect(hops.length).toBeGreaterThan(2);
    for (const { point, file, frame } of hops) {
      expect(file).toBe(join(result.bundle ?? '', 'captures.pcapng'));
      const found = capture.frames[frame - 1];
      expect(capture.interfaces[found?.interfaceId ?? -1]?.name).toBe(point);
      expect(found && decodeFrame(found).dhcp?.type).toBe('DISCOVER');
    }
  });

  it('tells the journeys of all frames, and the frame that is lost by ofproto/trace', () => {
    expect(textOf(result.bundle, 'journeys.txt')).toMatch(
      /DHCP DISCOVER.*\n +rack\/stand-in-1 #\d+ untagged →/,
    );
    for (const line of textOf(result.bundle, 'journeys.jsonl').trimEnd().split('\n')) {
      expect(JSON.parse(line)).toHaveProperty('hops');
    }
    const traces = textOf(result.bundle, 'traces.txt');
    expect(traces).toMatch(/^== DISCOVER of stand-in-1, in at devstack\/eth2: lost in br-int/);
    expect(traces).toContain('bridge("br-int")');
  });

  it("has each bridge's flows before and after, with what they have counted meanwhile", () => {
    const counted = (when: string) =>
      [...textOf(result.bundle, `flows/${when}/br-eth2.txt`).matchAll(/n_packets=(\d+)/g)]
        .map(([, packets]) => Number(packets))
        .reduce((a, b) => a + b, 0);
    expect(counted('after')).toBeGreaterThan(counted('before'));
  });

  it('has what every part of the lab knew', () => {
    expect(filesOf(result.bundle)).toEqual(
      expect.arrayContaining([
        ...['dhcp/provider/host', 'dhcp/provider/opts', 'dhcp/provider/command'],
        ...['ovs/ovsdb.txt', 'ovs/conf.db', 'ovs/show.txt', 'status.json', 'topology.json'],
        ...['logs/devstack/openvswitch-ovs-vswitchd.log', 'logs/devstack/dnsmasq-provider.log'],
        ...[
          'network/devstack.txt',
          'network/rack.txt',
          'scenario/dhcp-from-physical.ts',
          'topology/wrong.yaml',
        ],
      ]),
    );
    expect(JSON.parse(textOf(result.bundle, 'versions.json'))).toMatchObject({
      lab: expect.stringMatching(/^\d/),
      programs: { 'Open vSwitch': expect.stringMatching(/^\d/), QEMU: expect.stringMatching(/^\d/) },
      packages: { 'ipxe-qemu': expect.any(String) },
    });
    expect(textOf(result.bundle, 'network/devstack.txt')).toMatch(/== qdhcp-[\s\S]*inet 10\.0\.0\.2\/24/);
  });

  it('is played again by a script, wherever it is moved, and fails in the same way', async () => {
    const moved = join(lab.home, 'mo ved');
    await run(['cp', '-r', result.bundle ?? '', moved]);
    const { stdout, exitCode } = await run([join(moved, 'replay.sh'), '--json', '--quiet'], {
      accept: [0, 1, 3],
      cwd: '/',
      timeoutMs: 60_000,
      env: { LAB_HOME: lab.home, LAB: `${process.execPath} ${join(process.cwd(), 'dist', 'lab.js')}` },
    });
    expect(exitCode).toBe(1);
    const [again] = (JSON.parse(stdout) as ScenarioDocument).runs;
    expect(again && wayOf(again, 'DISCOVER of stand-in-1')).toEqual(wayOf(result, 'DISCOVER of stand-in-1'));
    expect(again?.journeys[0]?.outcome).toEqual(result.journeys[0]?.outcome);
  });
});

describe('the bundle of a run that says all secrets, kills Open vSwitch and throws', () => {
  let result: RunResult;
  beforeAll(async () => {
    const folder = join(lab.home, 'own');
    mkdirSync(folder);
    writeFileSync(join(folder, 'loud.ts'), failingScenario);
    writeFileSync(join(folder, 'elsewhere.ts'), "export const address: string = '10.0.0.77';\n");
    result = await failing([join(folder, 'loud.ts'), '--topology', 'flat']);
  });

  it('is there', () => {
    expect(result.reason).toContain('the password is ');
    expect(result).toMatchObject({ verdict: 'error', bundle: join(bundles, 'loud-on-flat') });
  });

  it('holds none of them, in no file', () => {
    const password = result.reason?.match(/the password is (\S+)/)?.[1] ?? '';
    expect(password).toMatch(/^[\w-]{16}$/);
    const files = filesOf(result.bundle);
    expect(files).toEqual(expect.arrayContaining(['logs/rack/said.log', 'consoles/server-1.txt']));
    for (const path of files) {
      const bytes = readFileSync(join(result.bundle ?? '', path));
      expect(bytes.includes(password), path).toBe(false);
      expect(bytes.includes('0123456789abcdef0123456789abcdef'), path).toBe(false);
    }
  });

  it('has the frames that told them, masked', async () => {
    const { frames } = await readCaptureFile(join(result.bundle ?? '', 'captures.pcapng'));
    const told = frames.filter(({ bytes }) => Buffer.from(bytes).includes(`tell-it-${'*'.repeat(16)}`));
    expect(told.length).toBeGreaterThan(1);
  });

  it('notes what Open vSwitch did not answer, and has all the rest', () => {
    const problems = textOf(result.bundle, 'problems.txt');
    expect(problems).toMatch(/^ovs-vsctl .* show: /m);
    expect(filesOf(result.bundle)).toEqual(
      expect.arrayContaining([
        ...['ovs/conf.db', 'flows/before/br-int.txt', 'dhcp/provider/host', 'network/devstack.txt'],
        ...['scenario/loud.ts', 'scenario/elsewhere.ts', 'replay.sh', 'journeys.txt', 'status.json'],
      ]),
    );
    const { problems: seen } = JSON.parse(textOf(result.bundle, 'status.json')) as { problems: string[] };
    expect(seen).toContain('ovs-vswitchd in devstack does not run');
  });
});

it('a run that passes leaves none', async () => {
  const { stdout } = await lab.run([
    'scenario',
    'segment-translation',
    '-t',
    'flat',
    '--bundle',
    bundles,
    '--json',
    '-q',
  ]);
  const [only] = (JSON.parse(stdout) as ScenarioDocument).runs;
  expect(only?.verdict).toBe('pass');
  expect(only).not.toHaveProperty('bundle');
});

it('a folder that cannot be is refused before anything is built', async () => {
  writeFileSync(join(lab.home, 'file'), '');
  const { exitCode, stderr } = await lab.run([
    'scenario',
    'dhcp-from-physical',
    '--bundle',
    join(lab.home, 'file', 'x'),
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--bundle');
});
