import { release } from 'node:os';
import { run } from '../linux/process.ts';

/** The programs that labs are made of, and how each is asked for its version. */
const programs: Readonly<Record<string, readonly string[]>> = {
  'Open vSwitch': ['ovs-vsctl', '--version'],
  dnsmasq: ['dnsmasq', '--version'],
  libvirt: ['virsh', '--version'],
  QEMU: ['qemu-system-x86_64', '--version'],
  ipmitool: ['ipmitool', '-V'],
  tcpdump: ['tcpdump', '--version'],
  iproute2: ['ip', '-Version'],
};

/** The versions of Node.js, the kernel and the programs that labs are made of; `?` for one that does not tell. */
export async function programVersions(): Promise<Record<string, string>> {
  const told = await Promise.all(
    Object.entries(programs).map(async ([name, argv]) => [name, await versionOf(argv)] as const),
  );
  return { 'Node.js': process.versions.node, Linux: release(), ...Object.fromEntries(told) };
}

async function versionOf(argv: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(argv, { accept: [0, 1], timeoutMs: 5_000 });
    return /\d+\.\d[\w.+-]*/.exec(stdout || stderr)?.[0] ?? '?';
  } catch {
    return '?';
  }
}
