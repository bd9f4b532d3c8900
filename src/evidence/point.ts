import { LabError } from '../errors.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import { hostNames, type Lab } from '../lab/record.ts';
import type { Host } from '../linux/host.ts';
import { interfaceName } from '../neutron/interface-name.ts';
import type { Flow } from '../ovs/flow.ts';
import type { MirroredPlace } from '../ovs/mirror.ts';

/** A place where frames can be seen, `host/interface`. */
export interface CapturePoint {
  /** As it is written: `devstack/eth2`. */
  readonly name: string;
  readonly host: Host;
  readonly device: string;
  /** The namespace of the host that holds the device; none for the host's own. */
  readonly namespace?: string;
  /** What is no device is seen through mirrors: a bridge, and what crosses a patch port, which has two sides. */
  readonly mirrored?: readonly MirroredPlace[];
}

/**
 * The point of that name.
 *
 * @throws LabError `usage` when it does not name a host and an interface
 */
export function findPoint(lab: Lab, name: string): CapturePoint {
  const slash = name.indexOf('/');
  const hostName = hostNames.find((it) => it === name.slice(0, slash));
  const device = interfaceName(name.slice(slash + 1));
  if (!hostName || device === '') {
    throw new LabError('usage', `"${name}" is no capture point`, {
      remedy: 'write HOST/INTERFACE with the host devstack or rack, such as devstack/eth2',
    });
  }
  const point = { name, host: lab[hostName], device };
  const { devstack, rack } = labPlan(lab.topology);
  if (hostName === 'rack') {
    const isInstance = rack.compute?.instances.some((instance) => instance.device === device);
    return isInstance && rack.compute ? { ...point, namespace: rack.compute.name } : point;
  }
  const namespace = namespaceOf(devstack, device);
  const mirrored = mirroredPlaces(devstack, device);
  return { ...point, ...(namespace ? { namespace } : {}), ...(mirrored ? { mirrored } : {}) };
}

function mirroredPlaces(plan: LabPlan['devstack'], device: string): MirroredPlace[] | undefined {
  if (plan.bridges.some(({ name }) => name === device)) {
    return [
      { kind: 'bridge', bridge: device, translating: translatingPorts(plan.rules.flows[device] ?? []) },
    ];
  }
  const patches = plan.bridges.flatMap(({ name, ports }) =>
    ports.filter(({ type }) => type === 'patch').map((port) => ({ bridge: name, ...port })),
  );
  const crossed = patches.filter(({ name, peer }) => name === device || peer === device);
  if (crossed.length === 0) return undefined;
  return crossed.map(({ bridge, name }) => ({ kind: 'entry', bridge, port: name }));
}

/** The ports whose frames get another VLAN by these rules. */
function translatingPorts(flows: readonly Flow[]): string[] {
  return flows
    .filter(({ actions }) => actions.includes('vlan'))
    .flatMap(({ match }) => /in_port=([^,]+)/.exec(match)?.[1] ?? []);
}

/** Where the plan has put a port that does not stay on its bridge's side. */
function namespaceOf(plan: LabPlan['devstack'], device: string): string | undefined {
  const holders = [
    ...plan.dhcpAgents.map(({ tap, namespace }) => ({ namespace, devices: [tap.name] })),
    ...plan.routers.map(({ ports, namespace }) => ({
      namespace,
      devices: ports.map(({ port }) => port.name),
    })),
  ];
  return holders.find(({ devices }) => devices.includes(device))?.namespace;
}
