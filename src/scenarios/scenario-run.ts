import { join } from 'node:path';
import { LabError } from '../errors.ts';
import type { Claimable } from '../evidence/claim.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { observe } from '../evidence/observe.ts';
import { findPoint } from '../evidence/point.ts';
import type { AttachedPort } from '../evidence/switched-ports.ts';
import { namespacesOf } from '../lab/place.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import type { HostName, Lab } from '../lab/record.ts';
import type { Domain } from '../libvirt/domain-xml.ts';
import type { LinkState } from '../links/relay-protocol.ts';
import { runIn } from '../linux/host.ts';
import type { Finished, RunOptions } from '../linux/process.ts';
import type { DhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import { type PhysicalBridge, physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import { interfaceName } from '../neutron/interface-name.ts';
import { serviceAddress } from '../neutron/service-address.ts';
import type { Progress } from '../report/progress.ts';
import type { Network, Topology, Vm } from '../topology/schema.ts';
import { firstWire } from '../topology/with-settings.ts';
import { Bmc } from './bmc.ts';
import { DhcpServer, type DhcpTampering } from './dhcp-server.ts';
import { Faults } from './faults.ts';
import { Link, noSuchLink } from './link.ts';
import { Machine } from './machine.ts';
import { type NamedPoints, namedPoints, pointLabels } from './points.ts';
import { Provisioning } from './provisioning.ts';
import { Segment } from './segment.ts';
import { StandIn } from './stand-in.ts';
import { standInForDomain, strangerOnIntegration } from './stand-in-on-brbm.ts';
import { TftpServer } from './tftp-server.ts';
import { placeIn } from './thrown.ts';
import { VirtualSwitch } from './virtual-switch.ts';

/** A claim that was stated, with what was found of it. */
export interface StatedClaim extends Claimable {
  readonly text: string;
  /** Of one that does not hold: the line of the scenario's file that states it, if that was found. */
  readonly line?: number;
}

/** What a run of a scenario ends with when it calls `skip`. */
export class Skipped extends Error {}

export interface InHostOptions extends RunOptions {
  /** One of the host's network namespaces. */
  readonly namespace?: string;
}

export interface CaptureOptions {
  /** Where, as `host/interface`. Default: the topology's capture points but VMs', and the run's named points. */
  readonly points?: readonly string[];
  /** And where else. */
  readonly also?: readonly string[];
}

/** A physical server as the topology has it: its power is reached through its BMC. */
export type ServerWithBmc = Extract<Topology['servers'][number], { kind: 'vm' }>;

/** A router as captures see it. */
export interface Router {
  readonly name: string;
  /** Its port towards the first network: `devstack/qr-…`. */
  readonly inside: string;
  /** Its port on br-ex: `devstack/qg-…`. */
  readonly outside: string;
  /** The source address of what it lets out. */
  readonly externalIp: string;
}

/** What a run is made with. */
export interface ScenarioRunOptions {
  /** The outcome that the scenario declares for this topology. */
  readonly expected: string;
  /** The scenario's file. */
  readonly file: string;
  /** Where its captures go. */
  readonly folder: string;
  readonly progress: Progress;
  readonly tamper?: DhcpTampering;
}

/** A point may be written with the whole name of a server, of which its interface has but the beginning. */
function withInterfaceName(point: string): string {
  const slash = point.indexOf('/');
  return `${point.slice(0, slash)}/${interfaceName(point.slice(slash + 1))}`;
}

/** One of several networks, with its own points and dnsmasq. */
export interface NetworkView {
  readonly network: Network;
  readonly points: NamedPoints;
  /** Its VLAN id on the wire; null where its frames carry none. */
  readonly segmentationId: number | null;
  readonly dhcpServer: DhcpServer;
}

function wireVlan({ provider }: Network): number | null {
  return provider.network_type === 'vlan' ? provider.segmentation_id : null;
}

/** What a scenario's run function is given: a lab that is up, means to act on it, and a place to state claims. */
export class ScenarioRun {
  readonly topology: Topology;
  /** The first network of the topology. */
  readonly network: Network;
  readonly points: NamedPoints;
  readonly lab: Lab;
  /** The outcome that the scenario declares for this topology: which claims to state. */
  readonly expected: string;
  /** The dnsmasq of the first network. */
  readonly dhcpServer: DhcpServer;
  /** What was claimed so far. */
  readonly claims: StatedClaim[] = [];
  /** What was captured so far. */
  readonly observed: Evidence[] = [];
  /** What is behind points whose names do not say it. */
  readonly labels: ReadonlyMap<string, string>;
  /** The conductor of the lab. */
  readonly ironic: Provisioning;
  /** What can be made to go wrong. */
  readonly faults: Faults;
  private readonly links = new Map<string, Link>();
  private readonly dhcpServers = new Map<string, DhcpServer>();
  private readonly tftp: TftpServer | undefined;
  private readonly plan: LabPlan;
  private readonly file: string;
  private readonly folder: string;
  private readonly progress: Progress;
  /** The ports of strangers. */
  private readonly attached: AttachedPort[] = [];
  private readonly tamper: DhcpTampering | undefined;

  constructor(lab: Lab, context: ScenarioRunOptions) {
    this.lab = lab;
    this.topology = lab.topology;
    this.expected = context.expected;
    this.file = context.file;
    this.folder = context.folder;
    this.progress = context.progress;
    this.tamper = context.tamper;
    this.ironic = new Provisioning(lab, context.folder, context.progress);
    this.faults = new Faults(lab);
    this.plan = labPlan(lab.topology);
    const [network] = lab.topology.networks;
    const [agent] = this.plan.devstack.dhcpAgents;
    if (!network || !agent) throw new TypeError('a topology has at least one network');
    this.network = network;
    this.points = namedPoints(this.plan, lab.topology, network);
    this.labels = pointLabels(this.plan);
    this.dhcpServer = this.dhcpServerOf(network, agent);
    const address = serviceAddress(lab.topology, network);
    this.tftp = address && new TftpServer(lab.devstack, address, this.plan.devstack.services);
  }

  /** The VLAN id of the network on the wire; null on a flat network, and on one that no wire carries. */
  get segmentationId(): number | null {
    return wireVlan(this.network);
  }

  /** Another network of the topology, by its name or its place (0 is the first). */
  networkView(which: string | number): NetworkView {
    const network = this.find('network', this.topology.networks, which);
    const agent = this.plan.devstack.dhcpAgents.find((it) => it.network === network.name);
    if (!agent) throw this.lacks(`dnsmasq for network ${network.name}`);
    return {
      network,
      points: namedPoints(this.plan, this.topology, network),
      segmentationId: wireVlan(network),
      dhcpServer: this.dhcpServerOf(network, agent),
    };
  }

  /** The bridge that holds the first network's wire, and the ports that tie it to br-int. */
  get physicalBridge(): PhysicalBridge {
    return physicalBridgeOf(this.network, physicalBridges(this.topology));
  }

  /** Captures while something is done. What is done starts when every point really captures. */
  async capture<T>(
    act: () => Promise<T>,
    { points = this.usualPoints(), also = [] }: CaptureOptions = {},
  ): Promise<{ readonly result: T; readonly evidence: Evidence }> {
    const number = this.observed.length + 1;
    const folder = number === 1 ? this.folder : join(this.folder, `capture-${number}`);
    const all = [...new Set([...points, ...also].map(withInterfaceName))];
    const observation = await this.progress.step(`captured at ${all.length} points`, () =>
      observe(this.lab, { points: all, folder, attached: this.attached }, act),
    );
    this.observed.push(observation.evidence);
    return observation;
  }

  /** The topology's capture points and the named ones, without those of machines, which are off as a rule. */
  private usualPoints(): string[] {
    const { devstack, rack } = this.plan;
    const off = [
      ...devstack.domains.map(({ name }) => `devstack/${name}`),
      ...rack.domains.map(({ name }) => `rack/${name}`),
    ];
    return [...this.topology.capture_points, ...Object.values(this.points)].filter(
      (point) => !off.includes(point),
    );
  }

  /**
   * States a claim. The scenario fails on this topology when it does not hold.
   *
   * @param found what the captures say; a plain boolean only for what no capture shows
   */
  claim(text: string, found: Claimable | boolean): void {
    const findings =
      typeof found === 'boolean' ? { holds: found, why: '', evidence: [], journeys: [] } : found;
    const line = findings.holds ? undefined : placeIn(new Error(text), this.file)?.line;
    this.claims.push({ text, ...findings, ...(line === undefined ? {} : { line }) });
  }

  /** Makes an Ethernet segment in the rack beside the access switch, with nobody on it yet. */
  addSegment(name: string): Promise<Segment> {
    return Segment.make(this.lab.rack, name);
  }

  /** devstack's ovs-vswitchd. */
  get virtualSwitch(): VirtualSwitch {
    return new VirtualSwitch(this.lab.devstack, this.plan.devstack);
  }

  /**
   * Has devstack's namespaces say nothing more by IPv6, by which they announce themselves at times of their own: for runs
   * in which every frame counts.
   */
  async silenceIpv6(): Promise<void> {
    const setting = 'net.ipv6.conf.all.disable_ipv6=1';
    await Promise.all(
      namespacesOf(this.lab.devstack).map((namespace) =>
        this.in('devstack', ['sysctl', '-q', '-w', setting], { namespace }),
      ),
    );
  }

  /** Sets the MTU of devices, by their points, in bytes. Of its own NIC a stand-in sets it. */
  async setMtu(bytes: number, ...points: readonly string[]): Promise<void> {
    for (const name of points) {
      const { host, device, namespace } = findPoint(this.lab, name);
      const argv = ['ip', 'link', 'set', device, 'mtu', String(bytes)];
      await runIn(host, argv, namespace ? { namespace } : {});
    }
  }

  /** Runs a program in a host, for what has no word of its own here. */
  in(host: HostName, argv: readonly string[], options: InHostOptions = {}): Promise<Finished> {
    return runIn(this.lab[host], argv, options);
  }

  /** Ends the run without a verdict of its own: what it needs is not there. */
  skip(reason: string): never {
    throw new Skipped(reason);
  }

  /** A stand-in in the rack, by its name or its place in the topology (0 is the first). */
  standIn(which: string | number = 0): StandIn {
    const standIns = this.plan.rack.standIns.map(({ server }) => server);
    const server = this.find('stand-in', standIns, which);
    const { rack } = this.lab;
    const point = `rack/${interfaceName(server.name)}`;
    return new StandIn(server, { host: rack, namespace: server.name, nic: 'eth0', point });
  }

  /** All stand-ins in the rack. */
  get standIns(): StandIn[] {
    return this.plan.rack.standIns.map((_, index) => this.standIn(index));
  }

  /**
   * A stand-in whose frames are what the first network wants on the wire: as it is on a flat network, with a VLAN
   * interface of the segmentation id on a VLAN network.
   */
  async client(which: string | number = 0): Promise<StandIn> {
    const plain = this.standIn(which);
    return this.segmentationId === null ? plain : plain.tagging(this.segmentationId);
  }

  /** A physical server with a BMC, by its name or its place among them. The run is skipped where there is none. */
  server(which: string | number = 0): ServerWithBmc {
    const servers = this.topology.servers.filter((server) => server.kind === 'vm');
    if (servers.length === 0) return this.skip('the topology has no server with a BMC');
    return this.find('server with a BMC', servers, which);
  }

  /** An instance on the compute node at the tunnels' other end, by its name or its place in the topology. */
  instance(which: string | number = 0): StandIn {
    const all = this.plan.rack.compute?.instances ?? [];
    const instances = all.map(({ instance }) => instance);
    const instance = this.find('instance', instances, which);
    const point = `rack/${interfaceName(instance.name)}`;
    return new StandIn(instance, { host: this.lab.rack, namespace: instance.name, nic: 'eth0', point });
  }

  /** A VM on brbm, by its name or its place in the topology. */
  vm(which: string | number = 0): Machine {
    const { vm, domain, dhcpServer } = this.findVm(which);
    return new Machine(this.lab.devstack, domain, vm.ip, dhcpServer);
  }

  /**
   * A stand-in in the place of a VM that is off, with its MAC and its port on brbm: as good as a VM for many a purpose,
   * and at once there.
   */
  standInOnBrbm(which: string | number = 0): Promise<StandIn> {
    const { vm, domain } = this.findVm(which);
    return standInForDomain(this.lab.devstack, domain, vm.ip);
  }

  /**
   * A cable whose faults can be set: `wire` is the first network's, any other name as in `link_faults`, where the
   * scenario or the topology declares it.
   */
  link(name: string): Link {
    const wanted = name === 'wire' ? firstWire(this.topology) : name;
    const known = this.links.get(wanted);
    if (known) return known;
    const planned = this.plan.links.find((link) => link.name === wanted);
    if (!planned) throw noSuchLink(name, this.plan.links);
    const link = new Link(this.lab, planned);
    this.links.set(wanted, link);
    return link;
  }

  /** The states of all cables whose faults can be set. */
  linkStates(): Promise<LinkState[]> {
    return Promise.all(this.plan.links.map(({ name }) => this.link(name).state()));
  }

  /** The BMCs of the rack's servers, in the topology's order. */
  get bmcs(): Bmc[] {
    return this.topology.servers.flatMap((server) =>
      server.kind === 'vm' ? [new Bmc(this.lab, server)] : [],
    );
  }

  /** A stand-in on br-int, on an access port of a VLAN that is no network's; 4095 is that of dead ports. */
  async stranger(vlan: number): Promise<StandIn> {
    const standIn = await strangerOnIntegration(this.lab.devstack, vlan);
    this.attached.push({ device: standIn.point.replace('devstack/', ''), bridge: 'br-int' });
    return standIn;
  }

  /** The router of the first network. */
  get router(): Router {
    const { name: network } = this.network;
    const router = this.topology.routers.find(({ interfaces }) => interfaces.includes(network));
    const planned = this.plan.devstack.routers.find(({ name }) => name === router?.name);
    // Ports stand in the order of the topology's networks, of which this is the first.
    const inside = planned?.ports.find(({ bridge }) => bridge === 'br-int');
    const outside = planned?.ports.find(({ bridge }) => bridge === 'br-ex');
    if (!router || !inside || !outside) throw this.lacks(`router for network ${network}`);
    return {
      name: router.name,
      inside: `devstack/${inside.port.name}`,
      outside: `devstack/${outside.port.name}`,
      externalIp: router.external_ip,
    };
  }

  /** The TFTP server where clients of the first network find it: beyond br-ex, if the network has a router. */
  get tftpServer(): TftpServer {
    if (!this.tftp) throw this.lacks('address for the TFTP server');
    return this.tftp;
  }

  /** The text of the options files that the run has written, by network. */
  get dhcpOptions(): ReadonlyMap<string, string> {
    return new Map(
      [...this.dhcpServers].flatMap(([network, server]) =>
        server.optionsSet === undefined ? [] : [[network, server.optionsSet] as const],
      ),
    );
  }

  private findVm(which: string | number): {
    readonly vm: Vm;
    readonly domain: Domain;
    readonly dhcpServer: DhcpServer;
  } {
    const vm = this.find('VM', this.topology.vms, which);
    const domain = this.plan.devstack.domains.find(({ name }) => name === vm.name);
    const agent = this.plan.devstack.dhcpAgents.find(({ network }) => network === vm.network);
    const network = this.topology.networks.find(({ name }) => name === vm.network);
    if (!domain || !agent || !network) throw this.lacks(`network for VM ${vm.name}`);
    return { vm, domain, dhcpServer: this.dhcpServerOf(network, agent) };
  }

  /** One for each network: it remembers the options that were set. */
  private dhcpServerOf(network: Network, agent: DhcpAgentPlan): DhcpServer {
    const known = this.dhcpServers.get(network.name);
    const server = known ?? new DhcpServer(this.lab.devstack, this.topology, network, agent, this.tamper);
    this.dhcpServers.set(network.name, server);
    return server;
  }

  private find<T extends { readonly name: string }>(
    kind: string,
    all: readonly T[],
    which: string | number,
  ): T {
    const found = typeof which === 'number' ? all[which] : all.find(({ name }) => name === which);
    if (found) return found;
    const there = all.map(({ name }) => name).join(', ') || 'none';
    throw this.lacks(`${kind} ${typeof which === 'number' ? `number ${which}` : which}; there are: ${there}`);
  }

  private lacks(what: string): LabError {
    return new LabError('usage', `topology ${this.topology.name} has no ${what}`);
  }
}
