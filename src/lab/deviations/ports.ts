import type { Host } from '../../linux/host.ts';
import type { Port } from '../../ovs/bridges.ts';
import { type ListedBridge, listBridges } from '../../ovs/list-bridges.ts';
import { openOvsdb } from '../../ovs/vswitch.ts';
import type { LabPlan } from '../plan.ts';
import type { Deviation } from './deviation.ts';
import { peerThing, portThing, tagThing } from './things.ts';

/** The deviation of a port; `missingPort` is its name if it is not there. */
export interface PortDeviation extends Deviation {
  readonly missingPort?: string;
}

/** The ports of the bridges that are missing, or have another tag or peer. Ports that nobody planned do no harm. */
export async function portDeviations(devstack: Host, plan: LabPlan): Promise<PortDeviation[]> {
  const ovsdb = await openOvsdb(devstack);
  try {
    return comparePorts(plan, await listBridges(ovsdb));
  } finally {
    ovsdb.close();
  }
}

export function comparePorts({ devstack }: LabPlan, bridges: readonly ListedBridge[]): PortDeviation[] {
  return devstack.bridges.flatMap(({ name, ports }) => {
    const found = bridges.find((bridge) => bridge.name === name);
    if (!found)
      return [{ thing: `bridge ${name}`, text: `there is no bridge ${name}`, at: [`devstack/${name}`] }];
    return ports.flatMap((port) =>
      comparePort(
        port,
        name,
        found.ports.find((it) => it.name === port.name),
      ),
    );
  });
}

function comparePort(
  port: Port,
  bridge: string,
  found: ListedBridge['ports'][number] | undefined,
): PortDeviation[] {
  const { name, tag = null, peer = null } = port;
  const at = [`devstack/${name}`, `devstack/${bridge}`, ...(peer === null ? [] : [`devstack/${peer}`])];
  if (!found)
    return [{ thing: portThing(name), text: `${bridge} has no port ${name}`, at, missingPort: name }];
  const deviations: PortDeviation[] = [];
  if (found.type !== port.type) {
    const text = `port ${name} is of type ${found.type} instead of ${port.type}`;
    deviations.push({ thing: portThing(name), text, at });
  }
  if (found.tag !== tag) {
    const text = `port ${name} has ${found.tag === null ? 'no tag' : `tag ${found.tag}`} instead of ${tag ?? 'none'}`;
    deviations.push({ thing: tagThing(name), text, at });
  }
  if (found.peer !== peer) {
    const text = `patch port ${name} leads to ${found.peer ?? 'nowhere'} instead of ${peer ?? 'nowhere'}`;
    deviations.push({ thing: peerThing(name), text, at });
  }
  return deviations;
}
