import type { LabPlan } from '../lab/plan.ts';

/** Which points a frame can pass directly after each other: the lab as a graph of `host/interface` names. */
export class PointMap {
  private readonly neighbours = new Map<string, Set<string>>();
  /** The ports of each router. */
  private readonly routers: (readonly string[])[] = [];
  private readonly tunnels = new Map<string, string>();
  private segments: ReadonlyMap<string, number> | undefined;

  /** All points, in the order in which they were joined. */
  get points(): string[] {
    return [...this.neighbours.keys()];
  }

  /** Joins points to a chain. */
  chain(...points: readonly string[]): void {
    this.segments = undefined;
    points.forEach((point, index) => {
      const next = points[index + 1];
      if (next === undefined) return;
      this.of(point).add(next);
      this.of(next).add(point);
    });
  }

  /** Joins points that are ports of one router: what goes in at one comes out at another as a new frame. */
  router(...ports: readonly string[]): void {
    this.routers.push(ports);
    this.segments = undefined;
    for (const port of ports) {
      for (const other of ports) if (other !== port) this.of(port).add(other);
    }
  }

  /** Joins the port of a tunnel to the bridge with its endpoint, over which its frames go packed. */
  tunnel(type: string, port: string, endpoint: string): void {
    this.tunnels.set(type, port);
    this.chain(port, endpoint);
  }

  /** The way of a frame that is in a tunnel of that type in between. */
  wayThrough(type: string, from: string, to: string): string[] {
    const port = this.tunnels.get(type);
    if (port === undefined) return this.way(from, to);
    return [...this.way(from, port), ...this.way(port, to).slice(1)];
  }

  /**
   * Whether a packet can come from one point to another through a router that is next to the first's segment and the
   * second's. Of points that the map does not hold it is not known, and may be.
   */
  isRouted(from: string, to: string): boolean {
    this.segments ??= this.findSegments();
    const { segments } = this;
    const [a, b] = [segments.get(from), segments.get(to)];
    if (a === undefined || b === undefined) return true;
    return this.routers.some((ports) =>
      ports.some(
        (entry) =>
          segments.get(entry) === a && ports.some((exit) => exit !== entry && segments.get(exit) === b),
      ),
    );
  }

  /** The Ethernet segment of each point: what is joined without a router. */
  private findSegments(): ReadonlyMap<string, number> {
    const sameRouter = (a: string, b: string) =>
      this.routers.some((ports) => ports.includes(a) && ports.includes(b));
    const segments = new Map<string, number>();
    let segment = 0;
    for (const start of this.neighbours.keys()) {
      if (segments.has(start)) continue;
      const queue = [start];
      for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
        segments.set(at, segment);
        for (const next of this.neighbours.get(at) ?? []) {
          if (!segments.has(next) && !sameRouter(at, next)) queue.push(next);
        }
      }
      segment++;
    }
    return segments;
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
  const { compute } = rack;
  for (const { device, switch: tor } of rack.ports) {
    const joint = rack.joints.find(({ vmDevice }) => vmDevice === device);
    const way = joint ? [device, joint.bridge, joint.far, joint.near] : [device];
    map.chain(...[...way, tor].map((it) => `rack/${it}`));
  }
  for (const { rackDevice, devstackDevice } of plan.wires) {
    const there = rack.switches.find(({ wire }) => wire === rackDevice);
    if (there) map.chain(`rack/${there.name}`, `rack/${rackDevice}`, `devstack/${devstackDevice}`);
  }
  if (compute) {
    map.chain(`rack/${compute.switch}`, `rack/${compute.device}`);
    // Its bridges are no points: frames are seen at its instances and, in tunnels, on its cable.
    for (const { device } of compute.instances) map.chain(`rack/${compute.device}`, `rack/${device}`);
  }
  for (const bridge of devstack.bridges) {
    for (const port of bridge.ports) map.chain(`devstack/${bridge.name}`, `devstack/${port.name}`);
    for (const port of bridge.ports)
      if (port.peer) map.chain(`devstack/${port.name}`, `devstack/${port.peer}`);
  }
  for (const port of devstack.bridges.flatMap(({ ports }) => ports)) {
    // What goes into a tunnel leaves by the bridge that has its endpoint.
    if (port.options?.local_ip && devstack.tunnelEndpoint)
      map.tunnel(port.type, `devstack/${port.name}`, `devstack/${devstack.tunnelEndpoint.device}`);
  }
  for (const { a, b } of devstack.veths) map.chain(`devstack/${a}`, `devstack/${b}`);
  for (const { nic } of devstack.domains) map.chain(`devstack/${nic.bridge}`, `devstack/${nic.device}`);
  for (const { ports } of devstack.routers) map.router(...ports.map(({ port }) => `devstack/${port.name}`));
  const { device } = plan.management;
  map.chain(`devstack/${device}`, `rack/${device}`);
  return map;
}
