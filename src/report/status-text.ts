import pc from 'picocolors';
import type { BmcCredentials } from '../lab/secrets.ts';
import type { LabStatus, MachineStatus, NetworkStatus } from '../lab/status.ts';
import type { Wiring } from '../lab/wiring.ts';
import { table } from './table.ts';
import { localTime } from './time.ts';

/** The most machines or ports worth reading at once. */
const mostListed = 12;

/** A lab's status for a person. */
export function statusText(status: LabStatus): string {
  const { name, topology, since, problems } = status;
  return [
    `${pc.bold(`lab ${name}`)}: ${topology.title}`,
    pc.dim(`${topology.file}, up since ${localTime(since)}`),
    ...realWires(status.wiring),
    '',
    ...hostTable(status),
    '',
    ...networkTable(status),
    '',
    ...bridgeTable(status),
    '',
    ...machineTable(status),
    ...(problems.length > 0 ? ['', ...problems.map((problem) => `${pc.red('✗')} ${problem}`)] : []),
  ].join('\n');
}

function realWires({ uplink, bmcVia }: Wiring): string[] {
  return [
    ...(uplink === null ? [] : [`its wire is this machine's NIC ${uplink}`]),
    ...(bmcVia?.kind === 'nic' ? [`its management link is this machine's NIC ${bmcVia.nic}`] : []),
    ...(bmcVia?.kind === 'gateway' ? [`BMCs are reached by way of ${bmcVia.gateway}`] : []),
  ];
}

/** The credentials of a lab's BMCs, for whoever asked for them. */
export function secretsText(bmcs: readonly BmcCredentials[]): string {
  if (bmcs.length === 0) return '';
  const rows = bmcs.map(({ server, username, password }) => [server, username, password]);
  return `\n${table([['BMC OF', 'USER', 'PASSWORD'], ...rows]).join('\n')}\n`;
}

function hostTable({ hosts }: LabStatus): string[] {
  return table([
    ['HOST', 'PID', 'DAEMONS'],
    ...hosts.map(({ name, pid, daemons }) => [
      name,
      String(pid),
      daemons
        .map((daemon) => (daemon.pid === null ? `${daemon.name} (does not run)` : daemon.name))
        .join(', '),
    ]),
  ]);
}

function networkTable({ networks }: LabStatus): string[] {
  return table([
    ['NETWORK', 'ID', 'WIRE', 'LOCAL VLAN', 'SUBNET', 'DHCP'],
    ...networks.map(({ name, id, provider, localVlan, cidr, dhcp }) => [
      name,
      id,
      wire(provider),
      String(localVlan),
      cidr,
      `${dhcp.ip} on ${dhcp.tap}`,
    ]),
  ]);
}

function wire(provider: NetworkStatus['provider']): string {
  const segment = 'segmentation_id' in provider ? ` ${provider.segmentation_id}` : '';
  const where = 'physical_network' in provider ? ` on ${provider.physical_network}` : '';
  return `${provider.network_type}${segment}${where}`;
}

function bridgeTable({ bridges }: LabStatus): string[] {
  return table([
    ['BRIDGE', 'PORTS (VLAN)'],
    ...bridges.map(({ host, name, ports }) => [
      `${host}/${name}`,
      shortened(
        ports.map((port) => (port.tag === null ? port.name : `${port.name} (${port.tag})`)),
        (left) => `and ${left} more`,
      ).join(', '),
    ]),
  ]);
}

function machineTable({ machines, networks }: LabStatus): string[] {
  const leased = new Set(networks.flatMap(({ leases }) => leases.map(({ mac }) => mac)));
  const row = ({ name, kind, host, mac, ip, state, bmc }: MachineStatus) =>
    [name, kind, host ?? '-', mac, ip, leased.has(mac) ? 'leased' : '-', state, bmc?.ip ?? '-'] as const;
  return table([
    ['MACHINE', 'KIND', 'HOST', 'MAC', 'ADDRESS', 'LEASE', 'STATE', 'BMC'],
    ...shortened<readonly string[]>(machines.map(row), (left) => [`and ${left} more`]),
  ]);
}

function shortened<T>(all: readonly T[], rest: (left: number) => T): T[] {
  if (all.length <= mostListed) return [...all];
  return [...all.slice(0, mostListed), rest(all.length - mostListed)];
}
