import { join } from 'node:path';
import { LabError } from '../errors.ts';
import type { Claimable, Evidence, FrameReference, JourneyStory } from '../evidence/evidence.ts';
import { observe } from '../evidence/observe.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import { interfaceName } from '../neutron/interface-name.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { Machine } from './machine.ts';
import { StandIn } from './stand-in.ts';

/** A claim that was stated, with what was found of it. */
export interface StatedClaim {
  readonly text: string;
  readonly holds: boolean;
  readonly why: string;
  readonly evidence: readonly FrameReference[];
  readonly journeys: readonly JourneyStory[];
}

/** The points that most stories are about, by what they are. */
export interface NamedPoints {
  /** The provider wire where it enters devstack: `devstack/eth2`. */
  readonly wire: string;
  /** Inside the bridge that holds the wire: `devstack/br-eth2`. */
  readonly physicalBridge: string;
  /** Inside br-int, where frames carry the local VLAN. */
  readonly integration: string;
  /** dnsmasq's tap. */
  readonly dhcp: string;
  /** brbm's end of its cable to br-int. */
  readonly brbm: string;
  /** The switch port of a server. */
  server(name: string): string;
}

/** What a scenario's run function is given: a lab that is up, means to act on it, and a place to state claims. */
export class ScenarioRun {
  readonly topology: Topology;
  /** The first network of the topology. */
  readonly network: Network;
  readonly points: NamedPoints;
  readonly lab: Lab;
  /** What was claimed so far. */
  readonly claims: StatedClaim[] = [];
  /** What was captured so far. */
  readonly observed: Evidence[] = [];
  private readonly plan: LabPlan;
  private readonly folder: string;

  constructor(lab: Lab, folder: string) {
    this.lab = lab;
    this.topology = lab.topology;
    this.folder = folder;
    this.plan = labPlan(lab.topology);
    const [network] = lab.topology.networks;
    if (!network) throw new TypeError('a topology has at least one network');
    this.network = network;
    this.points = namedPoints(this.plan, lab.topology, network);
  }

  /** The segmentation id of the network on the wire; null on a flat network. */
  get segmentationId(): number | null {
    const { provider } = this.network;
    return provider.network_type === 'vlan' ? provider.segmentation_id : null;
  }

  /**
   * Captures while something is done.
   *
   * @param options.points where, as `host/interface`; default: the topology's capture points that are there
   */
  async capture<T>(
    act: () => Promise<T>,
    options: { readonly points?: readonly string[] } = {},
  ): Promise<{ readonly result: T; readonly evidence: Evidence }> {
    const number = this.observed.length + 1;
    const folder = number === 1 ? this.folder : join(this.folder, `capture-${number}`);
    const points = options.points ?? this.usualPoints();
    const observation = await observe(this.lab, { points, folder }, act);
    this.observed.push(observation.evidence);
    return observation;
  }

  /** The topology's capture points, without those of machines that are off. */
  private usualPoints(): string[] {
    const off = this.plan.rack.domains.map(({ nic }) => `rack/${nic.device}`);
    return this.topology.capture_points.filter((point) => !off.includes(point));
  }

  /** States a claim. The scenario fails on this topology when it does not hold. */
  claim(text: string, found: Claimable | boolean): void {
    const { holds, why, evidence, journeys } =
      typeof found === 'boolean' ? { holds: found, why: '', evidence: [], journeys: [] } : found;
    this.claims.push({ text, holds, why, evidence, journeys });
  }

  /** A stand-in in the rack: the named one, or the first. */
  standIn(name?: string): StandIn {
    const found = this.plan.rack.standIns.find(({ server }) => name === undefined || server.name === name);
    if (!found) throw new LabError('usage', `topology ${this.topology.name} has no stand-in ${name ?? ''}`);
    return new StandIn(this.lab.rack, found.server);
  }

  /** A VM on brbm: the named one, or the first. */
  vm(name?: string): Machine {
    const vm = this.topology.vms.find((it) => name === undefined || it.name === name);
    const domain = this.plan.devstack.domains.find((it) => it.name === vm?.name);
    const agent = this.plan.devstack.dhcpAgents.find(({ network }) => network === vm?.network);
    if (!vm || !domain || !agent) {
      throw new LabError('usage', `topology ${this.topology.name} has no VM ${name ?? ''}`);
    }
    return new Machine(this.lab.devstack, domain, vm.ip, { host: this.lab.devstack, agent });
  }
}

function namedPoints(plan: LabPlan, topology: Topology, network: Network): NamedPoints {
  const physical = physicalBridgeOf(network, physicalBridges(topology));
  const tap = plan.devstack.dhcpAgents.find((agent) => agent.network === network.name)?.tap.name ?? '';
  return {
    wire: `devstack/${physical.wire}`,
    physicalBridge: `devstack/${physical.bridge}`,
    integration: 'devstack/br-int',
    dhcp: `devstack/${tap}`,
    brbm: 'devstack/brbm-tap1',
    server: (name) => `rack/${interfaceName(name)}`,
  };
}
