import type { Domain } from '../libvirt/domain-xml.ts';
import { type ComputeNodePlan, computeNodePlan } from '../neutron/compute-node.ts';
import { type DhcpAgentPlan, dhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import {
  type AgentRules,
  agentRules,
  crossingPorts,
  type PhysicalBridge,
  physicalBridge,
  physicalBridgeOf,
  physicalBridges,
} from '../neutron/integration.ts';
import { interfaceName } from '../neutron/interface-name.ts';
import { type RouterPlan, routerPlan } from '../neutron/router.ts';
import { type ServiceAddress, serviceAddresses } from '../neutron/service-address.ts';
import { integrationTunnelPort, tunnelBridge, tunnelPorts } from '../neutron/tunnel-bridge.ts';
import type { Bridge } from '../ovs/bridges.ts';
import { managementDevice, nodeId, portId, portInterface } from '../topology/ids.ts';
import { subnetOf } from '../topology/ipv4.ts';
import { rackServers } from '../topology/nodes.ts';
import type {
  LinkFaults,
  NamespaceServer,
  RackServer,
  SwitchPort,
  Topology,
  Vm,
  VmServer,
} from '../topology/schema.ts';

import type { HostName } from './record.ts';

/** A virtual Ethernet cable with both ends in one host. */
export interface Veth {
  readonly a: string;
  readonly b: string;
}

/** All that is built in `devstack`. */
export interface DevstackPlan {
  readonly bridges: readonly Bridge[];
  readonly veths: readonly Veth[];
  readonly rules: AgentRules;
  readonly dhcpAgents: readonly DhcpAgentPlan[];
  readonly routers: readonly RouterPlan[];
  /** devstack's own end of the tunnels; null without tunnels. */
  readonly tunnelEndpoint: TunnelEndpoint | null;
  /** devstack's own addresses on the networks, where the conductor's services are. */
  readonly services: readonly ServiceAddress[];
  readonly domains: readonly Domain[];
}

/** An address that the frames of tunnels come from and go to. */
export interface TunnelEndpoint {
  /** The bridge whose own port has it. */
  readonly device: string;
  /** With prefix length. */
  readonly address: string;
  /** The other end's. */
  readonly peer: string;
}

/** A switch of the rack: each wire has its own. */
export interface RackSwitch {
  readonly name: string;
  /** The port that devstack's wire is on. */
  readonly wire: string;
}

/** A server's place on a switch of the rack; the switch's side of its cable has the server's name. */
export interface RackPort {
  readonly device: string;
  readonly switch: string;
  readonly setting: SwitchPort;
}

export interface RackJoint {
  readonly bridge: string;
  /** The VM's device, which is there while it is on. */
  readonly vmDevice: string;
  readonly near: string;
  readonly far: string;
  /** The switch that the near end is plugged into. */
  readonly switch: string;
}

/** All that is built in `rack`. */
export interface RackPlan {
  /** The first is that of the first wire. */
  readonly switches: readonly [RackSwitch, ...RackSwitch[]];
  /** The setting of the ports that devstack's wires are on. */
  readonly uplink: SwitchPort;
  readonly standIns: readonly (RackPort & { readonly server: NamespaceServer })[];
  readonly domains: readonly Domain[];
  readonly ports: readonly RackPort[];
  /** Bridges that each join a VM's device to the far end of its cable, which has faults. */
  readonly joints: readonly RackJoint[];
  /** What is at the other end of devstack's tunnels; null without tunnels. */
  readonly compute: (ComputeNodePlan & RackPort) | null;
}

/** A cable between the hosts; the switch's port has the name of what is at its other end. */
export interface Wire {
  readonly devstackDevice: string;
  readonly rackDevice: string;
}

/** One end of a cable: a device, and where it is. */
export interface LinkEnd {
  readonly host: HostName;
  readonly namespace?: string;
  readonly device: string;
}

/** A cable with faults, whose frames go through the relay. */
export interface PlannedLink {
  /** As the topology names it: a wire, a server, or `mgmt`. */
  readonly name: string;
  readonly faults: LinkFaults;
  /** The end towards devstack; of a server's cable, its switch port. */
  readonly near: LinkEnd;
  readonly far: LinkEnd;
}

export interface LabPlan {
  readonly devstack: DevstackPlan;
  readonly rack: RackPlan;
  readonly wires: readonly Wire[];
  /** The cables that have faults. */
  readonly links: readonly PlannedLink[];
  readonly management: {
    readonly device: string;
    readonly devstack: string;
    readonly bmcs: readonly string[];
  };
}

/** What a topology comes to: pure data, from which a lab is built and which tests and reports can print. */
export function labPlan(topology: Topology): LabPlan {
  const physical = physicalBridges(topology);
  return {
    devstack: devstackPlan(topology, physical),
    rack: rackPlan(topology, physical),
    wires: physical.map(({ wire }) => ({ devstackDevice: wire, rackDevice: wire })),
    links: Object.entries(topology.link_faults).map(([name, faults]) => plannedLink(topology, name, faults)),
    management: managementPlan(topology),
  };
}

function devstackPlan(topology: Topology, physical: readonly PhysicalBridge[]): DevstackPlan {
  const dhcpAgents = topology.networks.map((network) => dhcpAgentPlan(topology, network));
  const routers = topology.routers.map((router) => routerPlan(topology, router));
  const routerPorts = (bridge: 'br-int' | 'br-ex') =>
    routers.flatMap((router) => router.ports.filter((it) => it.bridge === bridge).map((it) => it.port));
  const tunnels = tunnelPorts(topology);
  const { tunnel } = topology;
  const brbmVeth: Veth = { a: 'brbm-tap1', b: 'ovs-tap1' };
  const bridges: Bridge[] = [
    {
      name: 'br-int',
      failMode: 'secure',
      ports: [
        ...physical.map((it) => crossingPorts(topology, it).onIntegration),
        ...(tunnels.length > 0 ? [integrationTunnelPort] : []),
        { name: brbmVeth.b, type: 'system', tag: vmNetworkVlan(topology) },
        ...dhcpAgents.map(({ tap }) => tap),
        ...routerPorts('br-int'),
      ],
    },
    ...physical.map((it) => physicalBridge(topology, it)),
    ...(tunnel && tunnels.length > 0
      ? [tunnelBridge(tunnels, { localIp: tunnel.local_ip, remoteIp: tunnel.compute.ip })]
      : []),
    { name: 'brbm', failMode: 'standalone', ports: [{ name: brbmVeth.a, type: 'system' }] },
    {
      name: 'br-ex',
      failMode: 'standalone',
      ports: routerPorts('br-ex'),
    },
  ];
  const crossingVeths =
    topology.interconnect === 'veth' ? physical.map((it) => ({ a: it.intPort, b: it.phyPort })) : [];
  return {
    bridges,
    veths: [brbmVeth, ...crossingVeths],
    rules: agentRules(topology),
    dhcpAgents,
    routers,
    tunnelEndpoint: tunnel && {
      device: topology.bridge_mappings[tunnel.physical_network] ?? '',
      address: `${tunnel.local_ip}/${subnetOf(tunnel.cidr).prefixLength}`,
      peer: tunnel.compute.ip,
    },
    services: serviceAddresses(topology),
    domains: topology.vms.map((vm) => ({
      ...machine(topology, vm),
      nic: {
        mac: vm.mac,
        device: vmTap(topology, vm),
        bridge: 'brbm',
        hasOptionRom: vm.option_rom,
        interfaceId: portId(topology.name, vm.network, vm.name),
      },
    })),
  };
}

/** brbm is one segment: that of the network its VMs are on, or the first. */
function vmNetworkVlan(topology: Topology): number {
  const name = topology.vms[0]?.network ?? topology.networks[0]?.name;
  const network = topology.networks.find((it) => it.name === name);
  if (!network) throw new TypeError('a topology has at least one network');
  return network.local_vlan;
}

/** The device by which a VM hangs on brbm. */
export function vmTap(topology: Topology, vm: Vm): string {
  return portInterface('tap', portId(topology.name, vm.network, vm.name));
}

function plannedLink(topology: Topology, name: string, faults: LinkFaults): PlannedLink {
  const server = rackServers(topology).find((it) => it.name === name);
  switch (server?.kind) {
    case undefined:
      return { name, faults, near: { host: 'devstack', device: name }, far: { host: 'rack', device: name } };
    case 'namespace': {
      const near: LinkEnd = { host: 'rack', device: interfaceName(name) };
      return { name, faults, near, far: { host: 'rack', namespace: name, device: 'eth0' } };
    }
    case 'vm': {
      const { near, far } = vmCable(name);
      return { name, faults, near: { host: 'rack', device: near }, far: { host: 'rack', device: far } };
    }
  }
}

/**
 * The devices of a VM's cable with faults. libvirt makes the VM's own device when it is powered on, so that the far end
 * joins it on a bridge of its own.
 */
function vmCable(server: string): { readonly near: string; readonly far: string; readonly joint: string } {
  const device = (prefix: string) => interfaceName(server, prefix);
  return { near: device('port-'), far: device('nic-'), joint: device('br-') };
}

function machine(topology: Topology, node: Vm | VmServer): Omit<Domain, 'nic'> {
  return {
    name: node.name,
    uuid: nodeId(topology.name, node.name),
    memoryMib: node.memory_mib,
    cpus: node.cpus,
    firmware: node.firmware,
    disk: diskOf(node.name),
    bootDevice: 'network',
  };
}

/** The disk image of a domain, as its host sees it. */
export function diskOf(domain: string): string {
  return `/run/lab/disks/${domain}.img`;
}

function rackPlan(topology: Topology, physical: readonly PhysicalBridge[]): RackPlan {
  const [first, ...others] = physical.map(
    ({ wire }, index): RackSwitch => ({ name: switchName(topology, wire, index === 0), wire }),
  );
  if (!first) throw new TypeError('a topology has at least one physical network');
  const switches = [first, ...others] as const;
  const switchOf = (wire: string | undefined) => switches.find((it) => it.wire === wire) ?? first;
  const servers = rackServers(topology);
  const port = (server: RackServer): RackPort => {
    const network = topology.networks.find(({ name }) => name === server.network);
    const { wire } = network ? physicalBridgeOf(network, physical) : first;
    return { device: interfaceName(server.name), switch: switchOf(wire).name, setting: server.port };
  };
  const standIns = servers.flatMap((server) =>
    server.kind === 'namespace' ? [{ ...port(server), server }] : [],
  );
  const machines = servers.filter((server) => server.kind === 'vm');
  const isFaulty = ({ name }: VmServer) => name in topology.link_faults;
  const { tunnel } = topology;
  const tunnelWire = physical.find((it) => it.physicalNetwork === tunnel?.physical_network)?.wire;
  const compute = tunnel && {
    ...computeNodePlan(topology, tunnel),
    switch: switchOf(tunnelWire).name,
    setting: tunnel.compute.port,
  };
  return {
    switches,
    uplink: topology.switch.uplink,
    standIns,
    ports: servers.map(port),
    domains: machines.map((server) => ({
      ...machine(topology, server),
      nic: {
        mac: server.mac,
        device: interfaceName(server.name),
        bridge: isFaulty(server) ? vmCable(server.name).joint : port(server).switch,
        hasOptionRom: server.option_rom,
      },
    })),
    joints: machines.filter(isFaulty).map((server) => {
      const { near, far, joint } = vmCable(server.name);
      return {
        bridge: joint,
        vmDevice: interfaceName(server.name),
        near,
        far,
        switch: port(server).switch,
      };
    }),
    compute,
  };
}

/** The switch has the topology's name for it; that of another wire has the wire's name as well. */
function switchName(topology: Topology, wire: string, isFirst: boolean): string {
  const { name } = topology.switch;
  return interfaceName(isFirst ? name : `${name}-${wire}`);
}

function managementPlan(topology: Topology): LabPlan['management'] {
  const { cidr, ip } = topology.management;
  const { prefixLength } = subnetOf(cidr);
  const bmcs = topology.servers.flatMap((server) => (server.kind === 'vm' ? [server.bmc.ip] : []));
  return {
    device: managementDevice,
    devstack: `${ip}/${prefixLength}`,
    bmcs: bmcs.map((address) => `${address}/${prefixLength}`),
  };
}
