import type { LabPlan } from '../lab/plan.ts';
import type { Host } from '../linux/host.ts';
import { traceFrame } from '../ovs/trace.ts';
import type { SwitchedPorts } from './loss.ts';

/** A port of a bridge that a scenario has added. */
export interface AttachedPort {
  readonly device: string;
  readonly bridge: string;
}

/** The ports of devstack's Open vSwitch and the cables in them. */
export function switchedPorts(
  devstack: Host,
  plan: LabPlan,
  attached: readonly AttachedPort[] = [],
): SwitchedPorts {
  const { bridges, domains, veths } = plan.devstack;
  const pointOf = (device: string) => `${devstack.name}/${device}`;
  const bridgeByPoint = new Map<string, string>();
  const bridgeByLink = new Map<string, string>();
  for (const { name, ports } of bridges) {
    bridgeByPoint.set(pointOf(name), name);
    for (const port of ports) {
      const isDevice = port.type === 'system' || port.type === 'internal';
      (isDevice ? bridgeByPoint : bridgeByLink).set(pointOf(port.name), name);
    }
  }
  for (const { nic } of domains) bridgeByPoint.set(pointOf(nic.device), nic.bridge);
  for (const { device, bridge } of attached) bridgeByPoint.set(pointOf(device), bridge);
  const cables = [
    ...veths.map(({ a, b }) => [pointOf(a), pointOf(b)] as const),
    // What goes in at one end of a cable with faults need not come out at the other.
    ...plan.wires
      .filter(({ devstackDevice }) => !plan.links.some(({ name }) => name === devstackDevice))
      .map((wire) => [pointOf(wire.devstackDevice), `rack/${wire.rackDevice}`] as const),
  ];
  const ends = new Map(cables.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
  return {
    bridgeOf: (point) => bridgeByPoint.get(point),
    cableEnd: (point) => ends.get(point),
    trace: (point, frame) => {
      const device = point.slice(pointOf('').length);
      return traceFrame(devstack, bridgeByPoint.get(point) ?? bridgeByLink.get(point) ?? '', device, frame);
    },
  };
}
