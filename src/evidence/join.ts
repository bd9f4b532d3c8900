import { align } from './align.ts';
import type { Groups } from './groups.ts';
import { linkRouted } from './routed.ts';
import type { Sightings } from './sightings.ts';

/** Sightings of one content further apart than this are not one frame on its way. In nanoseconds. */
export const longestFlight = 2e9;

/** What is known of the way between points. */
export interface Ways {
  /** Whether a router lies between two points, by their indexes. */
  routed(from: number, to: number): boolean;
}

/** Groups of so many take the quick way, as nearly all do. */
const fewMembers = 16;

/** A journey: the sightings of its frame, a list for each Ethernet segment, in order of time. */
export type JoinedJourney = readonly Int32Array[];

/**
 * Joins sightings to journeys, in the order of their beginnings. In one Ethernet segment a frame is the same in all but its
 * tags; the same content again at the same point (a retransmission, a duplicate) is another journey. Over a router two
 * flights are joined by what routers leave alone.
 *
 * @param groups the sightings of equal content
 * @returns indexes into the sightings
 */
export function joinGroups(sightings: Sightings, groups: Groups, ways: Ways): JoinedJourney[] {
  const { time } = sightings;
  const flights = new Flights(sightings);
  for (const head of groups.heads) {
    const size = groups.sizes[head] as number;
    if (size > fewMembers || !flights.addFew(groups, head, size)) flights.addGroup(groups.membersOf(head));
  }
  const { hops, starts } = flights.finish();
  const next = linkRouted(sightings, hops, starts, ways);
  const goesOn = new Uint8Array(next.length);
  for (const flight of next) if (flight >= 0) goesOn[flight] = 1;
  const journeys: Int32Array[][] = [];
  for (let first = 0; first < next.length; first++) {
    if (goesOn[first] === 1) continue;
    const journey: Int32Array[] = [];
    for (let at = first; at >= 0; at = next[at] as number) {
      journey.push(hops.subarray(starts[at] as number, starts[at + 1] as number));
    }
    journeys.push(journey);
  }
  const begin = (journey: JoinedJourney) => time[journey[0]?.[0] ?? 0] as number;
  return journeys.sort((a, b) => begin(a) - begin(b));
}

/** Cuts sightings of equal content into flights. */
class Flights {
  private readonly sightings: Sightings;
  private readonly hops: Int32Array;
  private readonly starts: Int32Array;
  private count = 0;
  private filled = 0;
  private readonly few = new Int32Array(fewMembers);
  /** The latest flight in which each point was met. */
  private readonly met = new Int32Array(65_536).fill(-1);
  private mark = 0;

  constructor(sightings: Sightings) {
    this.sightings = sightings;
    this.hops = new Int32Array(sightings.count);
    this.starts = new Int32Array(sightings.count + 1);
  }

  finish(): { readonly hops: Int32Array; readonly starts: Int32Array } {
    this.starts[this.count] = this.filled;
    return { hops: this.hops, starts: this.starts.subarray(0, this.count + 1) };
  }

  /** Adds a group as one flight, unless a point has seen it twice or it took too long; then answers false. */
  addFew(groups: Groups, head: number, size: number): boolean {
    const { few, met } = this;
    const { point, time } = this.sightings;
    groups.copyMembers(head, few);
    this.mark++;
    // Sorted by insertion, which is quickest for few.
    for (let i = 0; i < size; i++) {
      const member = few[i] as number;
      const at = point[member] as number;
      if (met[at] === this.mark) return false;
      met[at] = this.mark;
      let to = i;
      for (; to > 0 && (time[few[to - 1] as number] as number) > (time[member] as number); to--) {
        few[to] = few[to - 1] as number;
      }
      few[to] = member;
    }
    if ((time[few[size - 1] as number] as number) - (time[few[0] as number] as number) >= longestFlight)
      return false;
    this.starts[this.count++] = this.filled;
    for (let i = 0; i < size; i++) this.hops[this.filled++] = few[i] as number;
    return true;
  }

  /** @param hops in order of time */
  private add(hops: readonly number[]): void {
    this.starts[this.count++] = this.filled;
    for (const hop of hops) this.hops[this.filled++] = hop;
  }

  addGroup(members: number[]): void {
    const { time } = this.sightings;
    members.sort((a, b) => (time[a] as number) - (time[b] as number));
    let from = 0;
    for (let i = 1; i <= members.length; i++) {
      const gap =
        i === members.length ||
        (time[members[i] as number] as number) - (time[members[i - 1] as number] as number) >= longestFlight;
      if (!gap) continue;
      this.addCluster(from === 0 && i === members.length ? members : members.slice(from, i));
      from = i;
    }
  }

  private addCluster(members: readonly number[]): void {
    const { time } = this.sightings;
    const lasted = (time[members.at(-1) ?? 0] as number) - (time[members[0] ?? 0] as number);
    if (lasted < longestFlight && this.allDistinct(members)) this.add(members);
    else for (const copy of this.copies(members)) this.add(copy);
  }

  private allDistinct(members: readonly number[]): boolean {
    const { point } = this.sightings;
    this.mark++;
    for (const member of members) {
      const at = point[member] as number;
      if (this.met[at] === this.mark) return false;
      this.met[at] = this.mark;
    }
    return true;
  }

  /** Tells the copies of a repeated frame apart: point by point, in the order in which they first saw it. */
  private copies(members: readonly number[]): number[][] {
    const { point, time } = this.sightings;
    const byPoint = new Map<number, number[]>();
    for (const member of members) {
      const at = point[member] as number;
      const seen = byPoint.get(at);
      if (seen) seen.push(member);
      else byPoint.set(at, [member]);
    }
    const timeOf = (index: number | undefined) => time[index ?? 0] as number;
    const byTime = (a: readonly number[], b: readonly number[]) => timeOf(a[0]) - timeOf(b[0]);
    let copies: number[][] = [];
    for (const seen of byPoint.values()) {
      const paired = align(
        copies.map((copy) => timeOf(copy[0])),
        seen.map(timeOf),
        longestFlight,
      );
      const started: number[][] = [];
      seen.forEach((member, j) => {
        const copy = copies[paired[j] as number];
        if (copy) copy.push(member);
        else started.push([member]);
      });
      copies = [...copies, ...started];
      // A copy that a later point saw a little earlier begins there.
      for (const copy of copies) copy.sort((a, b) => timeOf(a) - timeOf(b));
      copies.sort(byTime);
    }
    return copies;
  }
}
