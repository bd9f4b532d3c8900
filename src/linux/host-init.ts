import { shellQuote } from './shell-quote.ts';

/** Folders that are empty and private in each host, with their mode; what is in them ends with the host. */
const privateFolders: readonly (readonly [folder: string, mode: string])[] = [
  ['/tmp', '1777'],
  ['/var/tmp', '1777'],
  ['/var/log', '0755'],
  ['/var/lib/libvirt', '0755'],
  ['/var/lib/openvswitch', '0755'],
  ['/etc/libvirt', '0755'],
  ['/etc/openvswitch', '0755'],
  ['/dev/shm', '1777'],
];

/** Where libvirtd would otherwise make control groups of the machine, which stay when a host ends. */
const controlGroups = '/sys/fs/cgroup';

/** It asks for a polkit daemon, which a host has not, and complains on every terminal that virsh is run on. */
const polkitAgent = '/usr/bin/pkttyagent';

/** 1: a new interface gives itself no IPv6 address (the kernel's ip-sysctl, addr_gen_mode). */
const addressGeneration = '/proc/sys/net/ipv6/conf/default/addr_gen_mode';

/** Folders below the private ones that daemons expect to exist. */
const expectedFolders = [
  '/run/lock',
  '/run/netns',
  '/run/openvswitch',
  '/run/libvirt',
  '/var/log/libvirt/qemu',
  '/var/log/openvswitch',
  '/etc/libvirt/qemu',
];

/**
 * The script that a host's first process runs: private mounts, loopback, its own number on standard output, then
 * a reaper as PID 1. It starts in the host's folder.
 */
export function hostInitScript(options: {
  readonly name: string;
  readonly binds?: readonly (readonly [source: string, target: string])[];
}): string {
  const sources = ['.', ...(options.binds ?? []).map(([source]) => source)];
  const targets = ['/run/lab', ...(options.binds ?? []).map(([, target]) => target)];
  const bound = sources.map((source, index) => ({ fd: index + 3, source, target: targets[index] }));
  // A POSIX shell has no more.
  if (bound.some(({ fd }) => fd > 9)) throw new RangeError('a host takes six binds at most');
  return [
    'set -e',
    // Read before the new /proc is there: the old one shows the number that the machine knows this process by.
    'read -r pid rest < /proc/self/stat',
    // Opened before what is mounted below hides them: they may be in /tmp or /run.
    ...bound.map(({ fd, source }) => `exec ${fd}< ${shellQuote(source)}`),
    'cd /',
    'mount -t proc proc /proc',
    'mount -t tmpfs -o mode=0755 lab /run',
    // A container may forbid a fresh /sys; the old one then only misses the host's own interfaces.
    'mount -t sysfs sysfs /sys 2>/dev/null || true',
    ...mountAll(),
    `mkdir -p ${expectedFolders.join(' ')}`,
    ...bound.flatMap(({ fd, target = '' }) => [
      // Elsewhere a folder made here would be made on the machine.
      ...(target.startsWith('/run/') ? [`mkdir -p ${shellQuote(target)}`] : []),
      `mount --no-canonicalize --bind /proc/self/fd/${fd} ${shellQuote(target)}`,
    ]),
    `[ ! -e ${polkitAgent} ] || mount --bind /dev/null ${polkitAgent}`,
    `hostname ${shellQuote(options.name)}`,
    // An interface that comes up would announce itself to all captures.
    `[ ! -e ${addressGeneration} ] || echo 1 > ${addressGeneration}`,
    'ip link set lo up',
    'echo "$pid"',
    `exec tini -- sleep infinity > /dev/null < /dev/null ${bound.map(({ fd }) => `${fd}<&-`).join(' ')}`,
  ].join('\n');
}

/** The private folders in one run of mount(8): each one would take a millisecond. */
function mountAll(): string[] {
  const table = '/run/lab-mounts';
  // mount(8) leaves out what is mounted by that name already, as it is in a host within a host.
  const line = (folder: string, mode: string) => `lab$pid ${folder} tmpfs mode=${mode}`;
  return [
    `cgroup=; [ ! -d ${controlGroups} ] || cgroup="${line(controlGroups, '0755')}"`,
    `printf '%s\\n' ${privateFolders.map((entry) => `"${line(...entry)}"`).join(' ')} "$cgroup" > ${table}`,
    `mount --all --fstab ${table}`,
  ];
}
