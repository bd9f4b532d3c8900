/**
 * Measures the virtual BMCs: `ipmitool power status` against one, and 200 clients at once against 64 in one
 * process. The 200 are our own client in this process, for 200 ipmitool processes would measure how fast this
 * machine starts processes; they are tried too, but only counted. Prints one JSON document; exits with 1 when a bar
 * is missed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectIpmi } from '../src/bmc/client.ts';
import { readPower } from '../src/bmc/client-power.ts';
import { run } from '../src/linux/process.ts';

const bmcCount = 64;
const clientCount = 200;
const repeats = 25;
const password = 'bench';
const bars = { statusMs: 60, defaultToSuite17: 1.3, p95Ms: 1_000, residentMib: 150 };

const folder = mkdtempSync(join(tmpdir(), 'bench-bmc-'));
const passwordFile = join(folder, 'password');
const configFile = join(folder, 'bmcs.json');
const lab = join(process.cwd(), 'dist', 'lab.js');

interface Address {
  readonly address: string;
  readonly port: number;
}

/** `lab bmc serve` with all BMCs on loopback, once it answers. */
async function serve(): Promise<{ child: ChildProcess; bmcs: readonly Address[] }> {
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const bmcs = Array.from({ length: bmcCount }, (_, index) => ({
    name: `bmc-${index}`,
    address: `127.0.1.${index + 1}`,
    port: 0,
    user: 'admin',
    password_file: passwordFile,
  }));
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify({ bmcs }));
  const words = [lab, 'bmc', 'serve', '--config', configFile, '--json', '--quiet'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith('}\n')) resolve(output);
    });
    child.once('exit', () => reject(new Error('lab bmc serve ended')));
  });
  return { child, bmcs: (JSON.parse(text) as { bmcs: Address[] }).bmcs };
}

async function powerStatusMs({ address, port }: Address, options: readonly string[] = []): Promise<number> {
  const start = performance.now();
  const { stdout } = await run([
    ...['ipmitool', '-I', 'lanplus', '-H', address, '-p', String(port), '-U', 'admin', '-f', passwordFile],
    ...options,
    ...['power', 'status'],
  ]);
  if (!stdout.includes('Chassis Power is')) throw new Error(stdout);
  return performance.now() - start;
}

/** Log-in, power status, log-out by our own client. */
async function sessionMs({ address, port }: Address): Promise<number> {
  const start = performance.now();
  const client = await connectIpmi({ address, port, user: 'admin', password });
  await readPower(client);
  await client.close();
  return performance.now() - start;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Medians of two measurements taken by turns, so that what else the machine does falls on both alike. */
async function byTurns(
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<readonly [number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < repeats; index += 1) {
    times[0].push(await one());
    times[1].push(await other());
  }
  return [quantile(times[0], 0.5), quantile(times[1], 0.5)];
}

function residentMib(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

const { child, bmcs } = await serve();
try {
  const [first] = bmcs;
  if (!first || child.pid === undefined) throw new Error('no BMC is served');
  await powerStatusMs(first);
  const [statusMs, suite17Ms] = await byTurns(
    () => powerStatusMs(first),
    () => powerStatusMs(first, ['-C', '17']),
  );
  const clients = Array.from({ length: clientCount }, (_, index) => bmcs[index % bmcs.length] ?? first);
  const sessions = await Promise.allSettled(clients.map(sessionMs));
  const times = sessions.flatMap((session) => (session.status === 'fulfilled' ? [session.value] : []));
  const processes = await Promise.allSettled(clients.map((bmc) => powerStatusMs(bmc)));
  const measured = {
    statusMs,
    suite17Ms,
    defaultToSuite17: statusMs / suite17Ms,
    failures: clientCount - times.length,
    ipmitoolFailures: processes.filter(({ status }) => status === 'rejected').length,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    residentMib: residentMib(child.pid),
  };
  const isMet =
    measured.statusMs < bars.statusMs &&
    measured.defaultToSuite17 <= bars.defaultToSuite17 &&
    measured.failures === 0 &&
    measured.ipmitoolFailures === 0 &&
    measured.p95Ms < bars.p95Ms &&
    measured.residentMib < bars.residentMib;
  process.stdout.write(
    `${JSON.stringify({ schema: 'lab/bench-bmc/1', bmcCount, clientCount, bars, measured, isMet }, undefined, 2)}\n`,
  );
  process.exitCode = isMet ? 0 : 1;
} finally {
  child.kill('SIGTERM');
  rmSync(folder, { recursive: true });
}
