import { existsSync, readFileSync } from 'node:fs';
import { type Host, seenFromOutside } from '../linux/host.ts';
import type { LabPlan } from './plan.ts';
import type { HostName } from './record.ts';

/** A daemon that a lab starts in one of its hosts. */
export interface Daemon {
  readonly host: HostName;
  /** The program, with what it is for where a host has several of it: `dnsmasq provider`. */
  readonly name: string;
  /** The program's name as the kernel has it (proc(5), comm). */
  readonly program: string;
  /** The file in the host that holds its process number. */
  readonly pidFile: string;
}

export const tftpServerPidFile = '/run/tftp-server.pid';
export const bmcsPidFile = '/run/rack-bmcs.pid';
export const consoleRecorderPidFile = '/run/console-recorder.pid';
export const linkRelayPidFile = '/run/link-relay.pid';

/** What nodes boot from by HTTP, and who provisions them: commands start both when they are first needed. */
export const fileServerDaemon: Daemon = {
  host: 'devstack',
  name: 'node file-server',
  program: 'node',
  pidFile: '/run/file-server.pid',
};
export const conductorDaemon: Daemon = {
  host: 'devstack',
  name: 'node conductor',
  program: 'node',
  pidFile: '/run/conductor.pid',
};

/** Those of a host's daemons that some command has started since the lab is up. */
export function startedDaemons(host: Host, name: HostName): Daemon[] {
  return [conductorDaemon, fileServerDaemon].filter(
    (daemon) => daemon.host === name && existsSync(seenFromOutside(host, daemon.pidFile)),
  );
}

/** The daemons that a lab of this plan runs while it is up. */
export function expectedDaemons({
  devstack,
  rack,
  management,
  links,
}: Pick<LabPlan, 'devstack' | 'rack' | 'management' | 'links'>): Daemon[] {
  const daemon = (host: HostName, program: string, pidFile: string, purpose = ''): Daemon => ({
    host,
    name: purpose ? `${program} ${purpose}` : program,
    program,
    pidFile,
  });
  const libvirt = (host: HostName) => [
    daemon(host, 'libvirtd', '/run/libvirtd.pid'),
    daemon(host, 'virtlogd', '/run/virtlogd.pid'),
  ];
  const openVswitch = (host: HostName, purpose?: string) => [
    daemon(host, 'ovsdb-server', '/run/openvswitch/ovsdb-server.pid', purpose),
    daemon(host, 'ovs-vswitchd', '/run/openvswitch/ovs-vswitchd.pid', purpose),
  ];
  return [
    ...openVswitch('devstack'),
    ...(rack.compute ? openVswitch('rack', rack.compute.name) : []),
    ...devstack.dhcpAgents.flatMap(({ network, pidFile, routerAdvertiser }) => [
      daemon('devstack', 'dnsmasq', pidFile, network),
      daemon('devstack', 'dnsmasq', routerAdvertiser.pidFile, `router-advertiser-${network}`),
    ]),
    ...(devstack.services.length > 0
      ? [daemon('devstack', 'dnsmasq', tftpServerPidFile, 'tftp-server')]
      : []),
    ...(links.length > 0 ? [daemon('devstack', 'node', linkRelayPidFile, 'link-relay')] : []),
    ...libvirt('devstack'),
    ...(devstack.domains.length > 0
      ? [daemon('devstack', 'node', consoleRecorderPidFile, 'console-recorder')]
      : []),
    ...libvirt('rack'),
    ...(management.bmcs.length > 0 ? [daemon('rack', 'node', bmcsPidFile, 'bmcs')] : []),
  ];
}

/** A daemon's process number inside its host; null when it does not run. */
export function runningPid(host: Host, daemon: Daemon): number | null {
  return pidOf(daemon, (path) => seenFromOutside(host, path));
}

/** The same for a daemon of the host that this process is in. */
export function runningHere(daemon: Daemon): number | null {
  return pidOf(daemon, (path) => path);
}

function pidOf(daemon: Daemon, place: (path: string) => string): number | null {
  const read = (path: string) => readFileSync(place(path), 'utf8').trim();
  try {
    const pid = Number.parseInt(read(daemon.pidFile), 10);
    return read(`/proc/${pid}/comm`) === daemon.program ? pid : null;
  } catch {
    return null;
  }
}
