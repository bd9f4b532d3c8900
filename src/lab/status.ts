import { readdirSync, readFileSync } from 'node:fs';
import { LabError, messageOf } from '../errors.ts';
import { domainStates } from '../libvirt/domain-states.ts';
import { type Host, seenFromOutside } from '../linux/host.ts';
import { type DhcpLease, parseDhcpLeases } from '../neutron/dhcp-leases.ts';
import { type ListedBridge, listBridges } from '../ovs/list-bridges.ts';
import { openOvsdb } from '../ovs/vswitch.ts';
import { networkId } from '../topology/ids.ts';
import type { Instance, Network, Server, Vm } from '../topology/schema.ts';
import { expectedDaemons, runningPid, startedDaemons } from './daemons.ts';
import { namespacesOf } from './place.ts';
import { type LabPlan, labPlan } from './plan.ts';
import { type HostName, hostNames, type Lab, readRecord } from './record.ts';
import { noWiring, type Wiring } from './wiring.ts';

export interface HostStatus {
  readonly name: HostName;
  /** The host's first process, as the machine numbers it. */
  readonly pid: number;
  readonly namespaces: readonly string[];
  /** `pid` is the number inside the host; null for a daemon that does not run. */
  readonly daemons: readonly { readonly name: string; readonly pid: number | null }[];
}

export interface NetworkStatus {
  readonly name: string;
  readonly id: string;
  readonly provider: Network['provider'];
  readonly localVlan: number;
  readonly cidr: string;
  readonly dhcp: { readonly namespace: string; readonly tap: string; readonly ip: string };
  readonly leases: readonly DhcpLease[];
}

/** A VM on brbm, a server in the rack or outside the lab, or an instance on the compute node. */
export interface MachineStatus {
  readonly name: string;
  readonly kind: 'vm on brbm' | 'vm server' | 'stand-in' | 'instance' | 'real server';
  /** null for a server that is outside the lab. */
  readonly host: HostName | null;
  readonly network: string;
  readonly mac: string;
  /** The address DHCP has for it, whether or not it has asked. */
  readonly ip: string;
  /** libvirt's word for a VM's state; for a stand-in whether its namespace is there; `outside` for a real server. */
  readonly state: string;
  readonly bmc: { readonly ip: string; readonly username: string } | null;
}

/** What a running lab is made of and how each part does, as seen now. */
export interface LabStatus {
  readonly name: string;
  readonly since: string;
  readonly topology: { readonly name: string; readonly title: string; readonly file: string };
  /** What of it is the machine's own network. */
  readonly wiring: Wiring;
  readonly hosts: readonly HostStatus[];
  readonly networks: readonly NetworkStatus[];
  /** Open vSwitch's in devstack, and the access switch in the rack. */
  readonly bridges: readonly (ListedBridge & { readonly host: HostName })[];
  readonly machines: readonly MachineStatus[];
  /** What is not as it should be, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Looks at every part of a lab. A part that does not answer is told in `problems`.
 *
 * @throws LabError `lab-failed` when the lab is ended meanwhile
 */
export async function labStatus(lab: Lab): Promise<LabStatus> {
  const record = readRecord(lab.name);
  if (!record) throw new LabError('lab-failed', `lab ${lab.name} was ended just now`);
  const plan = labPlan(lab.topology);
  const problems: string[] = [];
  const orProblem = async <T>(what: string, answer: Promise<T>, otherwise: T): Promise<T> =>
    answer.catch((error: unknown) => {
      problems.push(`${what} does not answer: ${messageOf(error)}`);
      return otherwise;
    });
  const states = (host: Host) =>
    orProblem(`libvirtd in ${host.name}`, domainStates(host), new Map<string, string>());
  const [own, ofCompute, inDevstack, inRack] = await Promise.all([
    orProblem('Open vSwitch', openVswitchBridges(lab.devstack), []),
    plan.rack.compute
      ? orProblem(`Open vSwitch of ${plan.rack.compute.name}`, openVswitchBridges(lab.rack), [])
      : [],
    plan.devstack.domains.length > 0 ? states(lab.devstack) : new Map(),
    plan.rack.domains.length > 0 ? states(lab.rack) : new Map(),
  ]);
  const bridges = [
    ...own.map((bridge) => ({ ...bridge, host: 'devstack' as const })),
    ...ofCompute.map((bridge) => ({
      ...bridge,
      name: `${plan.rack.compute?.name}/${bridge.name}`,
      host: 'rack' as const,
    })),
  ];
  const hosts = hostNames.map((name) => hostStatus(lab[name], name, plan));
  for (const host of hosts) {
    for (const { name, pid } of host.daemons) {
      if (pid === null) problems.push(`${name} in ${host.name} does not run`);
    }
  }
  for (const { host, name, ports } of bridges) {
    for (const port of ports) if (port.error) problems.push(`${host}/${name}: ${port.name}: ${port.error}`);
  }
  const { name, title } = lab.topology;
  return {
    name: lab.name,
    since: record.createdAt,
    topology: { name, title, file: record.topologyFile },
    wiring: record.wiring ?? noWiring,
    hosts,
    networks: lab.topology.networks.map((network) => networkStatus(lab, network, plan)),
    bridges: [
      ...bridges,
      ...plan.rack.switches.map(({ name }) => ({
        host: 'rack' as const,
        name,
        ports: switchPorts(lab.rack, name),
      })),
    ],
    machines: machines(lab, hosts, { devstack: inDevstack, rack: inRack }),
    problems,
  };
}

function hostStatus(host: Host, name: HostName, plan: LabPlan): HostStatus {
  const daemons = [
    ...expectedDaemons(plan).filter((daemon) => daemon.host === name),
    ...startedDaemons(host, name),
  ];
  return {
    name,
    pid: host.init.pid,
    namespaces: namespacesOf(host),
    daemons: daemons.map((daemon) => ({ name: daemon.name, pid: runningPid(host, daemon) })),
  };
}

async function openVswitchBridges(host: Host): Promise<ListedBridge[]> {
  const ovsdb = await openOvsdb(host);
  try {
    return await listBridges(ovsdb);
  } finally {
    ovsdb.close();
  }
}

/** The ports of a switch of the rack, a Linux bridge; VLANs that it filters are not shown. */
function switchPorts(rack: Host, name: string): ListedBridge['ports'] {
  const folder = seenFromOutside(rack, `/sys/class/net/${name}/brif`);
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => ({ name, type: 'system', tag: null, peer: null, error: null }));
  } catch {
    // A container may forbid hosts a /sys of their own, and the machine's does not show the switch.
    return [];
  }
}

function networkStatus(lab: Lab, network: Network, plan: LabPlan): NetworkStatus {
  const agent = plan.devstack.dhcpAgents.find((it) => it.network === network.name);
  if (!agent) throw new TypeError(`network ${network.name} has no DHCP agent`);
  return {
    name: network.name,
    id: networkId(lab.topology.name, network.name),
    provider: network.provider,
    localVlan: network.local_vlan,
    cidr: network.subnet.cidr,
    dhcp: { namespace: agent.namespace, tap: agent.tap.name, ip: network.subnet.dhcp.ip },
    leases: parseDhcpLeases(readOrEmpty(seenFromOutside(lab.devstack, agent.leaseFile))),
  };
}

/** dnsmasq writes the file with its first lease. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function machines(
  lab: Lab,
  hosts: readonly HostStatus[],
  states: Readonly<Record<HostName, ReadonlyMap<string, string>>>,
): MachineStatus[] {
  const standIns = new Set(hosts.find(({ name }) => name === 'rack')?.namespaces);
  const common = ({ name, network, mac, ip }: Vm | Server | Instance) => ({ name, network, mac, ip });
  const stateOf = (name: string) => (standIns.has(name) ? 'ready' : 'missing');
  return [
    ...lab.topology.vms.map((vm) => ({
      ...common(vm),
      kind: 'vm on brbm' as const,
      host: 'devstack' as const,
      state: states.devstack.get(vm.name) ?? 'unknown',
      bmc: null,
    })),
    ...lab.topology.servers.map((server): MachineStatus => {
      if (server.kind === 'external') {
        const { bmc } = server;
        return {
          ...common(server),
          kind: 'real server',
          host: null,
          state: 'outside',
          bmc: bmc && { ip: bmc.ip, username: bmc.username },
        };
      }
      const shared = { ...common(server), host: 'rack' as const };
      if (server.kind === 'namespace') {
        return { ...shared, kind: 'stand-in', state: stateOf(server.name), bmc: null };
      }
      const { ip, username } = server.bmc;
      const state = states.rack.get(server.name) ?? 'unknown';
      return { ...shared, kind: 'vm server', state, bmc: { ip, username } };
    }),
    ...(lab.topology.tunnel?.compute.instances ?? []).map((instance) => ({
      ...common(instance),
      kind: 'instance' as const,
      host: 'rack' as const,
      state: stateOf(instance.name),
      bmc: null,
    })),
  ];
}
