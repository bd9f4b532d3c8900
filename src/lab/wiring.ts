import { LabError } from '../errors.ts';
import { subnetOf } from '../topology/ipv4.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';
import type { LabPlan, Wire } from './plan.ts';

/** What of a lab is the machine's own network in place of the lab's. */
export interface Wiring {
  /** The NIC that is the wire of the first physical network; null: a cable to the rack's switch. */
  readonly uplink: string | null;
  /** What leads to real BMCs: a NIC that is the management link, or a router on a provider network. */
  readonly bmcVia:
    | { readonly kind: 'nic'; readonly nic: string }
    | { readonly kind: 'gateway'; readonly gateway: string }
    | null;
}

/** A lab that is all its own. */
export const noWiring: Wiring = { uplink: null, bmcVia: null };

/** A NIC of the machine, and the device of devstack that it becomes. */
export interface WantedNic {
  readonly nic: string;
  readonly device: string;
}

/** The NICs that a lab is given. */
export function nicsOf({ wires, management }: LabPlan, { uplink, bmcVia }: Wiring): WantedNic[] {
  const [wire] = wires;
  return [
    ...(uplink !== null && wire ? [{ nic: uplink, device: wire.devstackDevice }] : []),
    ...(bmcVia?.kind === 'nic' ? [{ nic: bmcVia.nic, device: management.device }] : []),
  ];
}

/** The wires that are cables to the rack. */
export function cabledWires({ wires }: LabPlan, { uplink }: Wiring): readonly Wire[] {
  return uplink === null ? wires : wires.slice(1);
}

/**
 * Checks that a topology can be wired so.
 *
 * @throws LabError `usage` with the sentence that says what does not go together
 */
export function checkWiring(topology: Topology, plan: LabPlan, wiring: Wiring): void {
  const { uplink, bmcVia } = wiring;
  const refuse = (message: string, remedy: string) => new LabError('usage', message, { remedy });
  if (bmcVia?.kind === 'nic' && bmcVia.nic === uplink) {
    throw refuse(
      `${uplink} cannot be the wire and the management link at once`,
      '--bmc-via with another NIC, or with the address of a router on the wire',
    );
  }
  const faulty = nicsOf(plan, wiring).find(({ device }) => device in topology.link_faults);
  if (faulty) {
    throw refuse(
      `the topology has link_faults for ${faulty.device}, which is to be the NIC ${faulty.nic}: faults are those of the lab's own cables`,
      `remove ${faulty.device} from link_faults`,
    );
  }
  const [own] = serversWithBmc(topology).filter(({ kind }) => kind === 'vm');
  if (bmcVia && own) {
    throw refuse(
      `--bmc-via takes the management link for real BMCs, but that of ${own.name} is the lab's own`,
      `make ${own.name} a server of kind external, or leave out --bmc-via`,
    );
  }
  if (bmcVia?.kind === 'gateway') checkGateway(plan, bmcVia.gateway);
}

/** A router is asked by devstack itself, from an address that it has on a provider network. */
function checkGateway({ devstack: { services } }: LabPlan, gateway: string): void {
  const isNear = services.some(
    ({ ip, prefixLength }) =>
      ip !== gateway &&
      subnetOf(`${gateway}/${prefixLength}`).network === subnetOf(`${ip}/${prefixLength}`).network,
  );
  if (isNear) return;
  const subnets = services.map(({ ip, prefixLength }) => `${ip}/${prefixLength}`).join(', ');
  throw new LabError(
    'usage',
    `--bmc-via ${gateway} is no other machine on a network that devstack has an address on`,
    {
      remedy: `devstack has ${subnets || 'none: only flat networks and those behind a router give it one'}`,
    },
  );
}

/** What a lab's real wire means for whoever else is on it, in sentences. */
export function wiringNotes(topology: Topology, plan: LabPlan, { uplink, bmcVia }: Wiring): string[] {
  const inRack = plan.rack.ports.map(({ device }) => device);
  const [{ name: tor }] = plan.rack.switches;
  const outside = topology.servers.filter(({ kind }) => kind === 'external').map(({ name }) => name);
  const withBmc = serversWithBmc(topology).filter(({ kind }) => kind === 'external');
  return [
    ...(uplink === null
      ? []
      : plan.devstack.services.map(
          ({ ip, device }) => `on the wire devstack is ${ip} (${device}): nobody else may have that address`,
        )),
    ...(uplink !== null && inRack.length > 0
      ? [`switch ${tor} in the rack has no uplink: ${listed(inRack)} on it reach each other only`]
      : []),
    ...(uplink === null && outside.length > 0
      ? [`${listed(outside)} cannot be reached without --uplink: the wire is the lab's own`]
      : []),
    ...(bmcVia === null && withBmc.length > 0
      ? [
          `BMCs of ${listed(withBmc.map(({ name }) => name))} cannot be reached without --bmc-via: the management link is the lab's own`,
        ]
      : []),
  ];
}

function listed(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
