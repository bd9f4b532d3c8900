import { shellQuote } from './shell-quote.ts';

/** Folders that are empty and private in each host; what is in them ends with the host. */
const privateFolders = [
  '/tmp',
  '/var/log',
  '/var/tmp',
  '/var/lib/libvirt',
  '/var/lib/openvswitch',
  '/etc/libvirt',
  '/etc/openvswitch',
];

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
  const binds = options.binds ?? [];
  return [
    'set -e',
    // Read before the new /proc is there: the old one shows the number that the machine knows this process by.
    'read -r pid rest < /proc/self/stat',
    // A path below /tmp or /run would be hidden by what is mounted there, hence the way through the current folder.
    'mount -t tmpfs -o mode=0755 lab /run',
    'mkdir /run/lab',
    'mount --no-canonicalize --bind . /run/lab',
    ...binds.flatMap(([source], index) => [
      `mkdir /run/lab-bind-${index}`,
      `cd ${shellQuote(source)} && mount --no-canonicalize --bind . /run/lab-bind-${index}`,
    ]),
    'cd /',
    'mount -t proc proc /proc',
    // A container may forbid a fresh /sys; the old one then only misses the host's own interfaces.
    'mount -t sysfs sysfs /sys 2>/dev/null || true',
    ...privateFolders.map((folder) => `mount -t tmpfs -o mode=0755 lab ${folder}`),
    'chmod 1777 /tmp /var/tmp',
    `mkdir -p ${expectedFolders.join(' ')}`,
    ...binds.flatMap(([, target], index) => [
      // Elsewhere a folder made here would be made on the machine.
      ...(target.startsWith('/run/') ? [`mkdir -p ${shellQuote(target)}`] : []),
      `mount --bind /run/lab-bind-${index} ${shellQuote(target)}`,
    ]),
    `hostname ${shellQuote(options.name)}`,
    'ip link set lo up',
    'echo "$pid"',
    'exec tini -- sleep infinity > /dev/null < /dev/null',
  ].join('\n');
}
