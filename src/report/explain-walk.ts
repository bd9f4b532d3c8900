import { markText } from '../evidence/outcome.ts';
import { type VlanMeanings, vlanName } from '../evidence/rule-words.ts';
import { vlanMeanings } from '../evidence/vlan-meanings.ts';
import type { LabPlan } from '../lab/plan.ts';
import { physicalBridgeOf, physicalBridges } from '../neutron/integration.ts';
import type { HopResult, JourneyResult } from '../scenarios/result.ts';
import type { Network, Topology } from '../topology/schema.ts';

/** A step of a walk: where, with which tag, and what happens there. */
export interface WalkStep {
  readonly point: string;
  readonly label?: string;
  readonly tag: string;
  readonly words: string;
}

/** What happens to a frame at each point on its way. */
export function walk(
  journey: JourneyResult,
  topology: Topology,
  plan: LabPlan,
  network: Network,
): WalkStep[] {
  const hops = journey.hops.filter(({ aside }) => !aside);
  const words = new HopWords(topology, plan, network);
  return hops.map((hop, index) => ({
    point: hop.point,
    ...(hop.label === undefined ? {} : { label: hop.label }),
    tag: markText(hop),
    words: words.of(hop, hops[index - 1], index === hops.length - 1),
  }));
}

class HopWords {
  private readonly plan: LabPlan;
  private readonly vlans: VlanMeanings;
  private readonly physical: ReturnType<typeof physicalBridges>[number];

  constructor(topology: Topology, plan: LabPlan, network: Network) {
    this.plan = plan;
    this.vlans = vlanMeanings(topology);
    this.physical = physicalBridgeOf(network, physicalBridges(topology));
  }

  of(hop: HopResult, before: HopResult | undefined, isLast: boolean): string {
    const device = hop.point.replace(/^\w+\//, '');
    const { wire, bridge, intPort, phyPort } = this.physical;
    if (!before) return this.departure(hop, device);
    if (hop.tunnel || before.tunnel) return this.inTunnel(hop, before, device);
    if (hop.point.startsWith('rack/')) return 'the switch hands it to the server';
    switch (device) {
      case wire:
        return before.point.startsWith('rack/') ? 'comes in by the wire' : 'goes out on the wire';
      case bridge:
        return this.changed(bridge, hop, before);
      case intPort:
      case phyPort:
        return `at the door between ${bridge} and br-int`;
      case 'br-int':
        return this.inIntegration(hop, before);
      case 'br-ex':
        return 'beyond the router';
      case 'brbm-tap1':
      case 'ovs-tap1':
        return 'on the cable between brbm and br-int';
      default:
        return this.atPort(device, before, isLast);
    }
  }

  private departure({ vlan }: HopResult, device: string): string {
    const agent = this.plan.devstack.dhcpAgents.find(({ tap }) => tap.name === device);
    if (agent) return 'dnsmasq sends it, without a tag';
    if (this.plan.devstack.bridges.some(({ name }) => name === device)) return 'devstack itself sends it';
    if (vlan !== null) return `sent with tag ${vlan}`;
    return 'sent as any server sends: without a tag';
  }

  private inTunnel(hop: HopResult, before: HopResult, device: string): string {
    const { tunnel } = hop;
    if (!tunnel && device === 'br-int')
      return `br-tun unpacks it; ${this.changed('br-int', hop, { ...before, vlan: null })}`;
    if (!tunnel) return 'it is unpacked, and has arrived';
    const name = `${tunnel.type.toUpperCase()} ${tunnel.id}`;
    if (!before.tunnel) return `packed into a frame between the tunnel endpoints: ${name}`;
    return hop.point.startsWith('rack/') ? 'the switch hands it to the other endpoint' : 'still packed';
  }

  /** What a bridge has made of the tag since the frame was last seen. */
  private changed(bridge: string, { vlan }: HopResult, before: HopResult): string {
    if (vlan === before.vlan) return `${bridge} lets it pass as it is`;
    if (vlan === null) return `${bridge} takes tag ${before.vlan} off`;
    const name = vlanName(vlan, this.vlans);
    if (before.vlan === null) return `${bridge} gives it ${name}`;
    return `${bridge} translates ${vlanName(before.vlan, this.vlans)} to ${name}`;
  }

  private inIntegration(hop: HopResult, before: HopResult): string {
    const port = this.plan.devstack.bridges
      .find(({ name }) => name === 'br-int')
      ?.ports.find(({ name }) => before.point === `devstack/${name}`);
    const access =
      before.point === 'devstack/brbm-tap1' ? 'ovs-tap1' : port?.tag === undefined ? '' : port.name;
    if (access !== '' && hop.vlan !== null) return `enters by ${access}, which has tag ${hop.vlan}`;
    return this.changed('br-int', hop, before);
  }

  private atPort(device: string, before: HopResult, isLast: boolean): string {
    const tagged = this.plan.devstack.bridges
      .flatMap(({ ports }) => ports)
      .find(({ name, tag }) => name === device && tag !== undefined);
    const off = tagged ? `its port takes tag ${tagged.tag} off` : '';
    if (this.plan.devstack.dhcpAgents.some(({ tap }) => tap.name === device))
      return off.replace('its port', "dnsmasq's port");
    const routed = /\/(qr|qg)-/.test(before.point);
    if (device.startsWith('qg-'))
      return routed ? 'the router sends it on, as its own (SNAT)' : 'the router has it';
    if (device.startsWith('qr-')) {
      return routed ? 'the router sends it on to the inside' : off.replace('its port', "the router's port");
    }
    return isLast ? 'it has arrived' : off || 'passes';
  }
}
