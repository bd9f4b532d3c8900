/*
 * How long the lab's commands take, beside Mininet with the same number of switches and hosts, and what an idle lab
 * needs. bench lab [RUNS], 10 runs by default; prints medians.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host, runIn } from '../src/linux/host.ts';
import { endHosts } from '../src/linux/host-processes.ts';
import { run } from '../src/linux/process.ts';
import { startDatabase, startSwitch } from '../src/ovs/vswitch.ts';
import { table } from '../src/report/table.ts';
import { medianOf, seconds } from './figures.ts';

const runs = Number(process.argv[2] ?? 10);
const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
const home = join(folder, 'home');

/** The bridges of Open vSwitch in devstack; the rack's switch comes on top. */
const bridgeCount = 4;
const sizes = [2, 100, 200] as const;

interface Row {
  readonly what: string;
  readonly median: string;
  readonly bar: string;
  readonly mininet?: string;
  readonly ratio?: string;
}

const rows: Row[] = [];
try {
  for (const size of sizes) await measureSize(size);
  await measureCommands();
  report();
} finally {
  await lab(['down', '--all', '--quiet']);
  rmSync(folder, { recursive: true });
}

/** Runs the built lab and answers how long it took, in seconds. */
async function lab(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await run([process.execPath, join(root, 'dist', 'lab.js'), ...args], {
    env: { LAB_HOME: home },
    timeoutMs: 120_000,
  });
  return (performance.now() - start) / 1000;
}

async function times(count: number, work: () => Promise<number>): Promise<number[]> {
  const seconds: number[] = [];
  for (let index = 0; index < count; index += 1) seconds.push(await work());
  return seconds;
}

/** Up and down with so many stand-ins, and the same in Mininet, run by run in turn. */
async function measureSize(size: (typeof sizes)[number]): Promise<void> {
  const topology = size === 2 ? 'flat' : topologyWith(size);
  await lab(['up', topology, '--quiet']); // what is made once is made
  await lab(['down', '--quiet']);
  const mininet = existsSync('/usr/bin/mn') ? await hostForMininet() : undefined;
  const ups: number[] = [];
  const downs: number[] = [];
  const theirs: { readonly up: number; readonly down: number }[] = [];
  try {
    for (let index = 0; index < runs; index += 1) {
      ups.push(await lab(['up', topology, '--quiet']));
      downs.push(await lab(['down', '--quiet']));
      if (mininet) theirs.push(await runMininet(mininet, size));
    }
  } finally {
    if (mininet) await endHosts(mininet.folder);
  }
  const name = size === 2 ? 'flat' : `flat, ${size} stand-ins`;
  const bars = { 2: [1.0, 0.4], 100: [1.4, 0.6], 200: [2.0, 0.8] }[size];
  const row = (what: string, own: number[], bar: number | undefined, other: number[]): Row => {
    const median = medianOf(own);
    const compared =
      other.length > 0
        ? { mininet: seconds(medianOf(other)), ratio: `${(medianOf(other) / median).toFixed(1)}x` }
        : {};
    return { what, median: seconds(median), bar: seconds(bar ?? Number.NaN), ...compared };
  };
  rows.push(
    row(
      `lab up (${name})`,
      ups,
      bars[0],
      theirs.map(({ up }) => up),
    ),
  );
  rows.push(
    row(
      `lab down (${name})`,
      downs,
      bars[1],
      theirs.map(({ down }) => down),
    ),
  );
}

/** flat, with so many stand-ins in place of its two. */
function topologyWith(count: number): string {
  const flat = readFileSync(join(root, 'topologies', 'flat.yaml'), 'utf8');
  const text = flat
    .replace(/^ {2}- \{ name: stand-in-1,.*$/m, `  - { name: stand-in, kind: namespace, count: ${count} }`)
    .replace(/^ {2}- \{ name: stand-in-2,.*\n/m, '')
    .replaceAll('10.0.0.0/24', '10.0.0.0/16')
    .replace('end: 10.0.0.250', 'end: 10.0.3.250');
  const file = join(folder, `flat-${count}.yaml`);
  writeFileSync(file, text);
  return file;
}

/** A host with an Open vSwitch of its own, so that Mininet touches nothing of the machine either. */
async function hostForMininet(): Promise<Host> {
  const own = join(folder, 'mininet');
  mkdirSync(own, { recursive: true });
  const host = await createHost({ name: 'mininet', folder: own });
  const ovsdb = await startDatabase(host);
  await startSwitch(host, ovsdb, []);
  ovsdb.close();
  return host;
}

async function runMininet(host: Host, hosts: number): Promise<{ up: number; down: number }> {
  const script = readFileSync(join(root, 'scripts', 'bench-mininet.py'));
  const argv = ['/usr/bin/python3', '-', String(bridgeCount), String(hosts), '1'];
  const { stdout } = await runIn(host, argv, { input: script, timeoutMs: 120_000 });
  const [up = Number.NaN, down = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { up, down };
}

async function measureCommands(): Promise<void> {
  const measure = async (what: string, bar: number, args: readonly string[]) => {
    rows.push({ what, bar: seconds(bar), median: seconds(medianOf(await times(runs, () => lab(args)))) });
  };
  await measure('lab --version', 0.15, ['--version']);
  await lab(['up', 'flat', '--quiet']);
  await measure('lab status', 0.25, ['status', '--json']);
  const idle = pssOf('flat');
  rows.push({ what: 'memory of an idle lab', median: megabytes(idle), bar: megabytes(250e6) });
  await lab(['down', '--quiet']);
  const scenario = ['scenario', 'dhcp-from-physical', '--topology', 'flat', '--quiet'];
  await measure('lab scenario dhcp-from-physical --topology flat', 3, scenario);
}

/** The memory of all of a lab's processes in bytes, what several share counted once (proc(5), Pss). */
function pssOf(name: string): number {
  const record = JSON.parse(readFileSync(join(home, 'labs', name, 'lab.json'), 'utf8')) as {
    supervisors: Record<string, { pid: number }>;
  };
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = field(`/proc/${pid}/status`, 'PPid');
    if (parent !== undefined) parents.set(pid, parent);
  }
  const roots = Object.values(record.supervisors).map(({ pid }) => pid);
  const belongs = (pid: number): boolean =>
    roots.includes(pid) || (parents.has(pid) && belongs(parents.get(pid) ?? 0));
  const pids = [...parents.keys()].filter(belongs);
  return pids.reduce((sum, pid) => sum + (field(`/proc/${pid}/smaps_rollup`, 'Pss') ?? 0) * 1024, 0);
}

/** A number from a file of lines `Name: number`; undefined when its process has ended. */
function field(file: string, name: string): number | undefined {
  try {
    const [, value] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function report(): void {
  const lines = table([
    [`median of ${runs}`, 'lab', 'under', 'Mininet', 'Mininet / lab'],
    ...rows.map(({ what, median, bar, mininet, ratio }) => [what, median, bar, mininet ?? '', ratio ?? '']),
  ]);
  process.stdout.write(`${lines.join('\n')}\n`);
}
