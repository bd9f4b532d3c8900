/*
 * How long a provisioning takes from the command to put the power on to the login prompt, beside its bare parts:
 *
 *   bench provisioning [--driver D]… [--count N] [--runs N] [--lab-only]
 *
 * Drivers: agent_ipmitool and pxe_ssh unless others are named. N nodes are provisioned at once; each run tears them
 * down before the next. Every run does the lab's way and then the bare one, on the same images; medians over runs and
 * nodes are printed, and how many of the lab's provisionings ended at their login prompt.
 *
 * The bare parts are what no conductor can save: plain QEMU with the lab's machine type, CPU, memory and devices on a
 * Linux bridge with dnsmasq and busybox's httpd, in a host of their own with no route out. See bare-machine.ts.
 *
 *   to the ramdisk  QEMU is started; SeaBIOS, iPXE, DHCP, the same boot script, kernel and ramdisk by HTTP, until the
 *                   ramdisk makes the call that the conductor waits for: the agent's first heartbeat, or
 *                   pass_deploy_info with the disk exported
 *   image           agent: the image's file from the same server through the ramdisk's wget to its disk by dd and a
 *                   sync, without a look at its format or checksum; pxe: the root file system by `qemu-img convert`
 *                   from outside to the ramdisk's iSCSI target
 *   to the prompt   agent: QEMU is started on a disk that holds the image; pxe: from `done` over the ramdisk's
 *                   restart, PXE, kernel and ramdisk
 *
 * In both ways a key is pressed at iPXE's prompt. A bare agent's machine loses its power between the parts without
 * time being taken, and so does what lies between them in the lab: IPMI, libvirt, Open vSwitch, the conductor.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors.ts';
import { run } from '../src/linux/process.ts';
import { table } from '../src/report/table.ts';
import { type Bare, makeBare, type Parts, serveStub } from './bare-machine.ts';
import { medianOf, seconds } from './figures.ts';

if (process.argv[2] === '--stub') await serveStub();
else await main();

interface Phase {
  readonly name: string;
  readonly at: string;
}

interface Run {
  readonly phases: readonly Phase[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      driver: { type: 'string', multiple: true, default: ['agent_ipmitool', 'pxe_ssh'] },
      count: { type: 'string', default: '1' },
      runs: { type: 'string', default: '3' },
      'lab-only': { type: 'boolean', default: false },
    },
  });
  const { count, runs } = { count: Number(values.count), runs: Number(values.runs) };
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
  try {
    for (const driver of values.driver) await bench(driver, count, runs, values['lab-only'], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bench(
  driver: string,
  count: number,
  runs: number,
  labOnly: boolean,
  folder: string,
): Promise<void> {
  const bySsh = driver.endsWith('_ssh');
  const nodes = Array.from({ length: count }, (_, index) => `${bySsh ? 'vm' : 'server'}-${index + 1}`);
  const name = `bench-${driver.replace('_', '-')}-${process.pid}`;
  const topology = join(folder, `${name}.yaml`);
  writeFileSync(topology, topologyOf(nodes, bySsh));
  const labRuns: Run[] = [];
  const bareRuns: Parts[] = [];
  let failures = 0;
  let bare: Bare | undefined;
  try {
    await lab(['up', topology, '--name', name]);
    await lab(['image', 'build']);
    // Starts the conductor.
    await lab(['node', 'list', '--name', name]);
    if (!labOnly) {
      const bareFolder = join(folder, name);
      mkdirSync(bareFolder);
      bare = await makeBare(bareFolder, driver.startsWith('pxe') ? 'pxe' : 'agent', count);
    }
    for (let index = 1; index <= runs; index++) {
      const ended = await Promise.all(nodes.map((node) => provision(name, node, driver)));
      const good = ended.flatMap((each) => each ?? []);
      failures += ended.length - good.length;
      labRuns.push(...good);
      await Promise.all(nodes.map((node) => lab(['undeploy', node, '--name', name])));
      const parts = (await bare?.run()) ?? [];
      bareRuns.push(...parts);
      const told = [good.map(totalOf), parts.map((each) => each.ramdisk + each.image + each.prompt)];
      const [ours, theirs] = told.map((all) => all.map(seconds).join(', '));
      process.stderr.write(`${driver} run ${index}: lab ${ours}${theirs ? `; bare ${theirs}` : ''}\n`);
    }
  } finally {
    await bare?.end();
    await lab(['down', name]).catch((error) => process.stderr.write(`${messageOf(error)}\n`));
  }
  report(driver, { count, failures, labRuns, bareRuns });
  if (failures > 0) process.exitCode = 1;
}

/** Runs the built lab. */
async function lab(args: readonly string[]): Promise<string> {
  const argv = [process.execPath, join(process.cwd(), 'dist', 'lab.js'), ...args, '--quiet'];
  return (await run(argv, { timeoutMs: 300_000 })).stdout;
}

/** The phases of one provisioning; undefined when it failed. */
async function provision(name: string, node: string, driver: string): Promise<Run | undefined> {
  try {
    return JSON.parse(await lab(['boot', node, '--name', name, '--driver', driver, '--json'])) as Run;
  } catch (error) {
    process.stderr.write(`${node}: ${messageOf(error)}\n`);
    return undefined;
  }
}

/** A flat network with so many nodes that are all the same. */
function topologyOf(nodes: readonly string[], bySsh: boolean): string {
  const own = bySsh ? '' : ', kind: vm';
  return [
    'networks:',
    '  - name: provider',
    '    provider: { network_type: flat, physical_network: physnet1 }',
    '    subnet: { cidr: 10.0.0.0/24 }',
    bySsh ? 'vms:' : 'servers:',
    ...nodes.map((node) => `  - { name: ${node}${own} }`),
    '',
  ].join('\n');
}

/** The parts of the lab's way that the bare parts stand beside, in seconds. */
function partsOf({ phases }: Run): Parts {
  const at = (name: string) => {
    const phase = phases.find((each) => each.name === name);
    return phase ? Date.parse(phase.at) / 1000 : Number.NaN;
  };
  const called = phases.some(({ name }) => name === 'agent') ? at('agent') : at('iSCSI');
  return {
    ramdisk: called - at('power on'),
    image: at('image written') - called,
    prompt: at('login prompt') - at('image written'),
  };
}

function totalOf(each: Run): number {
  const { ramdisk, image, prompt } = partsOf(each);
  return ramdisk + image + prompt;
}

function report(
  driver: string,
  result: {
    readonly count: number;
    readonly failures: number;
    readonly labRuns: readonly Run[];
    readonly bareRuns: readonly Parts[];
  },
): void {
  const { count, failures, labRuns, bareRuns } = result;
  const ours = labRuns.map(partsOf);
  const rows = (['ramdisk', 'image', 'prompt'] as const).map((part) => [
    { ramdisk: 'to the ramdisk', image: 'image', prompt: 'to the prompt' }[part],
    ...compared(
      ours.map((each) => each[part]),
      bareRuns.map((each) => each[part]),
    ),
  ]);
  const total = compared(
    labRuns.map(totalOf),
    bareRuns.map((each) => each.ramdisk + each.image + each.prompt),
  );
  const bar = { agent_ipmitool: 'under 20 s', pxe_ssh: 'under 25 s' }[driver];
  const bars = [...(bar && count === 1 ? [bar] : []), ...(bareRuns.length > 0 ? ['at most 1.35x'] : [])];
  const lines = table([
    [`${driver}, ${count} at once`, 'lab', 'bare', 'lab / bare', 'bar'],
    ...rows,
    ['in all', ...total, bars.join(', ')],
  ]);
  const all = labRuns.length + failures;
  process.stdout.write(`${lines.join('\n')}\n${labRuns.length} of ${all} provisionings succeeded\n`);
  process.stdout.write(`${phaseTable(labRuns).join('\n')}\n\n`);
}

function compared(ours: readonly number[], theirs: readonly number[]): string[] {
  const [own, other] = [medianOf(ours), medianOf(theirs)];
  return theirs.length > 0
    ? [seconds(own), seconds(other), `${(own / other).toFixed(2)}x`]
    : [seconds(own), '', ''];
}

/** The medians of the time that each phase took since the one before. */
function phaseTable(runs: readonly Run[]): string[] {
  const names = runs[0]?.phases.map(({ name }) => name) ?? [];
  const alike = runs.filter(({ phases }) => phases.length === names.length);
  const rows = names.slice(1).map((name, index) => {
    const times = alike.map(({ phases }) => {
      const [before, after] = phases.slice(index, index + 2).map(({ at }) => Date.parse(at) / 1000);
      return (after ?? Number.NaN) - (before ?? Number.NaN);
    });
    return [`  ${names[index]} to ${name}`, seconds(medianOf(times))];
  });
  return table([['  phase', 'median'], ...rows]);
}
