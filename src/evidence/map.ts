import type { LabPlan } from '../lab/plan.ts';

/** Which points a frame can pass directly after each other: the lab as a graph of `host/interface` names. */
export class PointMap {
  private readonly neighbours = new Map<string, Set<string>>();

  /** Joins points to a chain. */
  chain(...points: readonly string[]): void {
    points.forEach((point, index) => {
      const next = points[index + 1];
      if (next === undefined) return;
      this.of(point).add(next);
      this.of(next).add(point);
    });
  }

  private of(point: string): Set<string> {
    let neighbours = this.neighbours.get(point);
    if (!neighbours) {
      neighbours = new Set();
      this.neighbours.set(point, neighbours);
    }
    return neighbours;
  }

  /** How many steps each point is from one; points that cannot be reached are left out. */
  distancesFrom(point: string): ReadonlyMap<string, number> {
    const distances = new Map([[point, 0]]);
    const queue = [point];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const next of this.neighbours.get(at) ?? []) {
        if (distances.has(next)) continue;
        distances.set(next, (distances.get(at) ?? 0) + 1);
        queue.push(next);
      }
    }
    return distances;
  }

  /** The shortest way from one point to another, both included; empty when there is none. */
  way(from: string, to: string): string[] {
    const toGo = this.distancesFrom(to);
    let left = toGo.get(from);
    if (left === undefined) return [];
    const way = [from];
    while (left > 0) {
      left--;
      const next = [...this.of(way.at(-1) ?? from)].find((point) => toGo.get(point) === left);
      if (next === undefined) return [];
      way.push(next);
    }
    return way;
  }
}

/** The graph of a lab's points: servers and switch, wires, bridges, what hangs on br-int, brbm and br-ex. */
export function mapOf(plan: LabPlan): PointMap {
  const map = new PointMap();
  const { devstack, rack } = plan;
  const tor = `rack/${rack.switch}`;
  for (const { device } of rack.ports) map.chain(`rack/${device}`, tor);
  for (const { rackDevice, devstackDevice } of plan.wires) {
    map.chain(tor, `rack/${rackDevice}`, `devstack/${devstackDevice}`);
  }
  for (const bridge of devstack.bridges) {
    for (const port of bridge.ports) map.chain(`devstack/${bridge.name}`, `devstack/${port.name}`);
    for (const port of bridge.ports)
      if (port.peer) map.chain(`devstack/${port.name}`, `devstack/${port.peer}`);
  }
  for (const { a, b } of devstack.veths) map.chain(`devstack/${a}`, `devstack/${b}`);
  for (const { nic } of devstack.domains) map.chain(`devstack/${nic.bridge}`, `devstack/${nic.device}`);
  for (const router of devstack.routers) {
    const [gateway, ...inside] = [...router.ports].sort((a) => (a.bridge === 'br-ex' ? -1 : 1));
    for (const { port } of inside)
      if (gateway) map.chain(`devstack/${port.name}`, `devstack/${gateway.port.name}`);
  }
  return map;
}
