import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { LabError } from '../errors.ts';
import { fastest, measureAccelerators } from '../libvirt/accelerator.ts';
import type { AcceleratorTrial } from '../libvirt/accelerator-probe.ts';
import { type HostAbility, tryHostAbilities } from '../linux/host-trial.ts';
import { type DebianPackage, installCommand, missingPackages } from '../linux/packages.ts';
import { availableMemory } from '../linux/room.ts';
import { isRoot } from '../linux/user.ts';
import { labHome } from './home.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  /** `missing`: no lab without it. `limited`: labs run, but not all that they could. */
  readonly status: 'ok' | 'limited' | 'missing';
  readonly seen: string;
  /** What to do, a command where there is one. */
  readonly remedy?: string;
}

export interface Diagnosis {
  /** Whether labs can run here. */
  readonly ready: boolean;
  /** Who asked: to another user other doors are open. */
  readonly user: string;
  readonly findings: readonly Finding[];
  readonly accelerator: { readonly chosen: string; readonly trials: readonly AcceleratorTrial[] };
}

/** Looks at this machine: what it has of what labs need, found by trying where that is possible. */
export async function diagnose(packages: readonly DebianPackage[]): Promise<Diagnosis> {
  const missing = missingPackages(packages);
  const abilities = await tryHostAbilities().catch((error: unknown) => {
    if (error instanceof LabError) return error;
    throw error;
  });
  const trials = await measureAccelerators();
  const findings = [
    nodeFinding(process.versions.node),
    packagesFinding(packages, missing, isRoot()),
    ...(abilities instanceof LabError ? [noHosts(abilities)] : abilityFindings(abilities)),
    acceleratorFinding(trials),
    memoryFinding(availableMemory()),
    diskFinding(freeDisk(labHome())),
  ];
  return {
    ready: findings.every(({ status }) => status !== 'missing'),
    user: userInfo().username,
    findings,
    accelerator: { chosen: fastest(trials), trials },
  };
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  const seen = `Node.js ${version}`;
  return enough
    ? { what: 'Node.js', status: 'ok', seen }
    : { what: 'Node.js', status: 'missing', seen, remedy: 'install Node.js 20.19 or newer' };
}

export function packagesFinding(
  packages: readonly DebianPackage[],
  missing: readonly DebianPackage[],
  root: boolean,
): Finding {
  const what = 'packages';
  if (missing.length === 0) return { what, status: 'ok', seen: `all ${packages.length} are installed` };
  const list = missing.map(({ name, purpose }) => `${name} (${purpose})`).join(', ');
  return { what, status: 'missing', seen: `not installed: ${list}`, remedy: installCommand(missing, root) };
}

function noHosts({ message, remedy }: LabError): Finding {
  return { what: 'hosts', status: 'missing', seen: message, ...(remedy ? { remedy } : {}) };
}

interface AbilityText {
  readonly ability: HostAbility;
  readonly what: string;
  readonly needed: boolean;
  readonly able: string;
  readonly unable: string;
  readonly remedy?: () => string;
}

const abilityTexts: readonly AbilityText[] = [
  {
    ability: 'mounts',
    what: 'hosts',
    needed: true,
    able: 'namespaces and private mounts',
    unable: 'a host cannot mount its own /run and /proc',
    remedy: () => 'in a container: run it with --privileged',
  },
  {
    ability: 'veth',
    what: 'cables',
    needed: true,
    able: 'veth pairs',
    unable: 'this kernel makes no veth pairs (CONFIG_VETH)',
    remedy: () => 'modprobe veth, or use a kernel that has it',
  },
  {
    ability: 'tap',
    what: '/dev/net/tun',
    needed: true,
    able: 'tap devices, which the bridges and VMs hang on',
    unable: "cannot make a tap device, which Open vSwitch's userspace datapath needs",
    remedy: tunRemedy,
  },
  {
    ability: 'nat',
    what: 'SNAT',
    needed: true,
    able: "nftables' NAT with its TFTP helper",
    unable: 'nftables cannot do SNAT with the TFTP helper, which routers need',
    remedy: () => 'modprobe -a nft_chain_nat nf_nat_tftp, or use a kernel that has them',
  },
  {
    ability: 'vlan-filtering',
    what: 'VLAN filtering',
    needed: false,
    able: 'bridges filter VLANs: switch ports of mode access and trunk',
    unable:
      'bridges do not filter VLANs: topologies whose switch has ports of mode access or trunk do not come up',
  },
  {
    ability: '8021q',
    what: '8021q',
    needed: false,
    able: 'VLAN interfaces of the kernel',
    unable: 'no VLAN interfaces of the kernel: the lab makes its own, `ip link add … type vlan` fails',
  },
  {
    ability: 'netem',
    what: 'netem',
    needed: false,
    able: 'delay and loss on cables (tc)',
    unable: 'no delay or loss on cables (tc … netem)',
  },
];

export function abilityFindings(abilities: ReadonlySet<HostAbility>): Finding[] {
  return abilityTexts.map(({ ability, what, needed, able, unable, remedy }) => {
    if (abilities.has(ability)) return { what, status: 'ok', seen: able };
    const status = needed ? 'missing' : 'limited';
    return { what, status, seen: unable, ...(remedy ? { remedy: remedy() } : {}) };
  });
}

/** What opens /dev/net/tun to hosts. */
function tunRemedy(): string {
  const sudo = isRoot() ? '' : 'sudo ';
  const device = '/dev/net/tun';
  if (!existsSync(device)) return `${sudo}modprobe tun`;
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return `${sudo}modprobe tun, or allow this container the device ${device}`;
  } catch {
    return `${sudo}chmod 0666 ${device}`;
  }
}

export function acceleratorFinding(trials: readonly AcceleratorTrial[]): Finding {
  const what = 'accelerator';
  const seen = trials
    .map((trial) => {
      const name = trial.accelerator.toUpperCase();
      return trial.works
        ? `${name} boots in ${(trial.durationMs / 1000).toFixed(2)} s`
        : `${name} does not work: ${trial.reason}`;
    })
    .join('; ');
  if (!trials.some(({ works }) => works))
    return { what, status: 'missing', seen, remedy: 'install the packages' };
  return { what, status: 'ok', seen: `${fastest(trials).toUpperCase()} is used. ${seen}` };
}

const mib = 2 ** 20;
const gib = 2 ** 30;

export function memoryFinding(bytes: number): Finding {
  const seen = `${(bytes / gib).toFixed(1)} GiB available`;
  if (bytes >= gib) return { what: 'memory', status: 'ok', seen };
  return {
    what: 'memory',
    status: 'limited',
    seen: `${seen}; an idle lab takes up to 250 MB, each running VM its memory_mib on top`,
  };
}

export function diskFinding({ folder, bytes }: { folder: string; bytes: number }): Finding {
  const seen = `${(bytes / gib).toFixed(1)} GiB free for ${folder}`;
  if (bytes >= 2 * gib) return { what: 'disk', status: 'ok', seen };
  return {
    what: 'disk',
    status: bytes < 100 * mib ? 'missing' : 'limited',
    seen: `${seen}; images and captures of provisioning runs take about 2 GiB`,
    remedy: 'make room, or set LAB_HOME to a folder on another disk',
  };
}

function freeDisk(home: string): { folder: string; bytes: number } {
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return { folder: home, bytes: bavail * bsize };
}
