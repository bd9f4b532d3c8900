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
import { nodeId, portId, portInterface } from '../topology/ids.ts';
import { subnetOf } from '../topology/ipv4.ts';
import type { NamespaceServer, Server, SwitchPort, Topology, Vm, VmServer } from '../topology/schema.ts';

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

/** All that is built in `rack`. */
export interface RackPlan {
  readonly switch: string;
  /** The setting of the ports that devstack's wires are on. */
  readonly uplink: SwitchPort;
  readonly standIns: readonly (RackPort & { readonly server: NamespaceServer })[];
  readonly domains: readonly Domain[];
  readonly ports: readonly RackPort[];
}

/** A cable between the hosts; the switch's port has the name of what is at its other end. */
export interface Wire {
  readonly devstackDevice: string;
  readonly rackDevice: string;
}

export interface LabPlan {
  readonly devstack: DevstackPlan;
  readonly rack: RackPlan;
  readonly wires: readonly Wire[];
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
        bridge: interfaceName(topology.switch.name),
      },
    })),
  };
}

function managementPlan(topology: Topology): LabPlan['management'] {
  const { cidr, ip } = topology.management;
  const { prefixLength } = subnetOf(cidr);
  const bmcs = topology.servers.flatMap((server) => (server.kind === 'vm' ? [server.bmc.ip] : []));
  return {
    device: 'mgmt',
    devstack: `${ip}/${prefixLength}`,
    bmcs: bmcs.map((address) => `${address}/${prefixLength}`),
  };
}
