import { align } from './align.ts';
import { Groups } from './groups.ts';
import type { Ways } from './join.ts';
import type { Sightings } from './sightings.ts';
import { Translations } from './translations.ts';

/** The longest time a packet spends between two captures with a router between them. In nanoseconds. */
const longestRouting = 2e9;
/** By how much captures at both sides of a router may err in the order of time. */
const jitter = 1e6;
/** How many later packets are looked at for each; more of one content at a time come of floods alone. */
const window = 16;

/**
 * Finds which flights are one packet before and after a router: what they carry is the same and the time to live fell.
 *
 * Packets of different flows may carry the same (two servers that ask for one file by TFTP), and SNAT hides whose is
 * whose. Therefore one end of the flow, address and port, must be the same on both sides; a flow keeps the translation
 * that it was seen to get where there was no doubt; ports that stayed the same come first, then what is nearest in time,
 * as the kernel passes on one packet before it looks at the next.
 *
 * @param starts where each flight begins in `hops`; one more at the end
 * @returns for each flight the one that it goes on as, -1 for none
 */
export function linkRouted(
  sightings: Sightings,
  hops: Int32Array,
  starts: Int32Array,
  ways: Ways,
): Int32Array {
  const firsts = starts.subarray(0, -1).map((start) => hops[start] as number);
  const links = new RoutedLinks(sightings, firsts, ways);
  const groups = links.groups();
  for (const group of groups) links.linkLevels(group, { onlyWithoutDoubt: true });
  for (const group of groups) links.linkLevels(group, { onlyWithoutDoubt: false });
  return links.next;
}

interface Pair {
  readonly from: number;
  readonly to: number;
  readonly likeness: number;
  readonly apart: number;
}

class RoutedLinks {
  readonly next: Int32Array;
  private readonly hasOrigin: Uint8Array;
  private readonly sightings: Sightings;
  /** The first sighting of each flight. */
  private readonly firsts: Int32Array;
  private readonly ways: Ways;
  private readonly translations = new Translations();

  constructor(sightings: Sightings, firsts: Int32Array, ways: Ways) {
    this.sightings = sightings;
    this.firsts = firsts;
    this.ways = ways;
    this.next = new Int32Array(firsts.length).fill(-1);
    this.hasOrigin = new Uint8Array(firsts.length);
  }

  /** Flights that carry the same with different times to live; from the highest down, each level in order of time. */
  groups(): number[][][] {
    const { routedHigh, routedLow } = this.sightings;
    const { firsts } = this;
    const groups = new Groups(
      firsts.length,
      firsts.map((first) => routedHigh[first] as number),
      firsts.map((first) => routedLow[first] as number),
    );
    const found: number[][][] = [];
    for (const head of groups.heads) {
      if ((groups.sizes[head] as number) < 2) continue;
      const members = groups.membersOf(head);
      if (members.every((flight) => this.ttlOf(flight) === this.ttlOf(head))) continue;
      members.sort((a, b) => this.timeOf(a) - this.timeOf(b));
      const levels = new Map<number, number[]>();
      for (const flight of members) {
        const level = levels.get(this.ttlOf(flight));
        if (level) level.push(flight);
        else levels.set(this.ttlOf(flight), [flight]);
      }
      found.push([...levels.entries()].sort(([a], [b]) => b - a).map(([, level]) => level));
    }
    return found;
  }

  linkLevels(levels: readonly (readonly number[])[], options: { readonly onlyWithoutDoubt: boolean }): void {
    levels.forEach((upper, index) => {
      for (const lower of levels.slice(index + 1)) {
        const from = upper.filter((flight) => this.next[flight] === -1);
        const to = lower.filter((flight) => this.hasOrigin[flight] === 0);
        if (from.length === 0 || to.length === 0) continue;
        if (this.isOneFlow(from) && this.isOneFlow(to)) this.linkFlow(from, to);
        else if (!options.onlyWithoutDoubt) this.linkLikeliest(from, to);
      }
    });
  }

  private linkFlow(from: readonly number[], to: readonly number[]): void {
    const times = (flights: readonly number[]) => flights.map((flight) => this.timeOf(flight));
    align(times(from), times(to), longestRouting).forEach((paired, j) => {
      const pair = paired < 0 ? undefined : this.pairOf(from[paired] as number, to[j] as number);
      if (pair) this.link(pair);
    });
  }

  private linkLikeliest(from: readonly number[], to: readonly number[]): void {
    const pairs: Pair[] = [];
    let earliest = 0;
    for (const flight of from) {
      const after = this.timeOf(flight) - jitter;
      while (earliest < to.length && this.timeOf(to[earliest] as number) < after) earliest++;
      for (const next of to.slice(earliest, earliest + window)) {
        const pair = this.pairOf(flight, next);
        if (pair) pairs.push(pair);
      }
    }
    pairs.sort((a, b) => b.likeness - a.likeness || a.apart - b.apart);
    for (const { from, to } of pairs) {
      // A link that was made since may forbid it.
      const pair = this.next[from] === -1 && this.hasOrigin[to] === 0 ? this.pairOf(from, to) : undefined;
      if (pair) this.link(pair);
    }
  }

  private pairOf(from: number, to: number): Pair | undefined {
    const waited = this.timeOf(to) - this.timeOf(from);
    if (waited < -jitter || waited > longestRouting) return undefined;
    const likeness = this.likeness(from, to);
    if (likeness < 0 || !this.ways.routed(this.pointOf(from), this.pointOf(to))) return undefined;
    return { from, to, likeness, apart: Math.abs(waited) };
  }

  /** -1: these are not one packet. The higher the surer. */
  private likeness(from: number, to: number): number {
    const { source, destination, ports } = this.sightings;
    const [a, b] = [this.firsts[from] as number, this.firsts[to] as number];
    const sameSource = source[a] === source[b];
    const sameDestination = destination[a] === destination[b];
    if (sameSource && sameDestination) return 3;
    if (!sameSource && !sameDestination) return -1;
    const known = this.translations.compare(this.flowOf(from), this.flowOf(to), this.timeOf(to));
    if (known !== undefined) return known ? 3 : -1;
    return ports[a] === ports[b] ? 2 : 1;
  }

  private link({ from, to }: Pair): void {
    this.next[from] = to;
    this.hasOrigin[to] = 1;
    this.translations.learn(this.flowOf(from), this.flowOf(to), this.timeOf(to));
  }

  private isOneFlow(flights: readonly number[]): boolean {
    const [source, destination] = this.flowOf(flights[0] as number);
    return flights.every((flight) => {
      const flow = this.flowOf(flight);
      return flow[0] === source && flow[1] === destination;
    });
  }

  private flowOf(flight: number): readonly [source: number, destination: number] {
    const { source, destination } = this.sightings;
    const first = this.firsts[flight] as number;
    return [source[first] as number, destination[first] as number];
  }

  private timeOf(flight: number): number {
    return this.sightings.time[this.firsts[flight] as number] as number;
  }

  private ttlOf(flight: number): number {
    return this.sightings.ttl[this.firsts[flight] as number] as number;
  }

  private pointOf(flight: number): number {
    return this.sightings.point[this.firsts[flight] as number] as number;
  }
}
