import type { Domain } from '../libvirt/domain-xml.ts';
import { type DhcpAgentPlan, dhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import {
  type AgentRules,
  agentRules,
  crossingPorts,
  type PhysicalBridge,
  physicalBridge,
  physicalBridges,
} from '../neutron/integration.ts';
import { interfaceName } from '../neutron/interface-name.ts';
import { type RouterPlan, routerPlan } from '../neutron/router.ts';
import { type ServiceAddress, serviceAddresses } from '../neutron/service-address.ts';
import type { Bridge } from '../ovs/bridges.ts';
import { managementDevice, nodeId, portId, portInterface } from '../topology/ids.ts';
import { subnetOf } from '../topology/ipv4.ts';
import type {
  LinkFaults,
  NamespaceServer,
  Server,
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
  /** devstack's own addresses on the networks, where the conductor's services are. */
  readonly services: readonly ServiceAddress[];
  readonly domains: readonly Domain[];
}

/** A server's place on the rack's switch; the switch's side of its cable has the server's name. */
export interface RackPort {
  readonly device: string;
  readonly setting: SwitchPort;
}

export interface RackJoint {
  readonly bridge: string;
  /** The VM's device, which is there while it is on. */
  readonly vmDevice: string;
  readonly near: string;
  readonly far: string;
}

/** All that is built in `rack`. */
export interface RackPlan {
  readonly switch: string;
  /** The setting of the ports that devstack's wires are on. */
  readonly uplink: SwitchPort;
  readonly standIns: readonly (RackPort & { readonly server: NamespaceServer })[];
  readonly domains: readonly Domain[];
  readonly ports: readonly RackPort[];
  /** Bridges that each join a VM's device to the far end of its cable, which has faults. */
  readonly joints: readonly RackJoint[];
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
    rack: rackPlan(topology),
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
  const brbmVeth: Veth = { a: 'brbm-tap1', b: 'ovs-tap1' };
  const bridges: Bridge[] = [
    {
      name: 'br-int',
      failMode: 'secure',
      ports: [
        ...physical.map((it) => crossingPorts(topology, it).onIntegration),
        { name: brbmVeth.b, type: 'system', tag: vmNetworkVlan(topology) },
        ...dhcpAgents.map(({ tap }) => tap),
        ...routerPorts('br-int'),
      ],
    },
    ...physical.map((it) => physicalBridge(topology, it)),
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
    services: serviceAddresses(topology),
    domains: topology.vms.map((vm) => ({
      ...machine(topology, vm),
      nic: {
        mac: vm.mac,
        device: vmTap(topology, vm),
        bridge: 'brbm',
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
  const server = topology.servers.find((it) => it.name === name);
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

function rackPlan(topology: Topology): RackPlan {
  const port = (server: Server): RackPort => ({ device: interfaceName(server.name), setting: server.port });
  const standIns = topology.servers.flatMap((server) =>
    server.kind === 'namespace' ? [{ ...port(server), server }] : [],
  );
  const machines = topology.servers.filter((server) => server.kind === 'vm');
  const isFaulty = ({ name }: VmServer) => name in topology.link_faults;
  return {
    switch: interfaceName(topology.switch.name),
    uplink: topology.switch.uplink,
    standIns,
    ports: topology.servers.map(port),
    domains: machines.map((server) => ({
      ...machine(topology, server),
      nic: {
        mac: server.mac,
        device: interfaceName(server.name),
        bridge: isFaulty(server) ? vmCable(server.name).joint : interfaceName(topology.switch.name),
      },
    })),
    joints: machines.filter(isFaulty).map(({ name }) => {
      const { near, far, joint } = vmCable(name);
      return { bridge: joint, vmDevice: interfaceName(name), near, far };
    }),
  };
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
