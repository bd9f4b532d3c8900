import type { Groups } from './groups.ts';
import type { Sightings } from './sightings.ts';

/** Differences below this are read as time on the way, not as clocks that differ. In nanoseconds. */
const believableLatency = 50e6;
/** Differences below this come of captures, which take their time in no order, and not of clocks. In nanoseconds. */
const captureJitter = 50_000;
/** As many frames as are looked at, spread over the files; more make the estimate no better. */
const enough = 5000;
/** Frames that are further from the others belong to another copy of the same content. */
const outlier = 1e9;

/**
 * By how much the clock of each capture file is ahead of the first file's, in nanoseconds, estimated from frames that are in
 * two files; undefined for a file that shares no frame with the others.
 *
 * Between two hosts that talk both ways the time on the way falls out, as in NTP (RFC 5905): the offset lies between
 * what frames of the one direction show and those of the other. Where zero lies between them, the clocks agree.
 *
 * @param fileOf the file of each point
 */
export function clockOffsets(
  sightings: Sightings,
  groups: Groups,
  fileOf: readonly number[],
  fileCount: number,
): (number | undefined)[] {
  const offsets = new Array<number | undefined>(fileCount).fill(undefined);
  if (fileCount > 0) offsets[0] = 0;
  const step = Math.max(1, Math.floor(groups.heads.length / enough));
  const here = directionHere(sightings);
  spread(offsets, commonFrames(sightings, groups, fileOf, here, step));
  // Files that have little in common need all of it; those on two sides of a router have but what it passes on.
  if (step > 1 && offsets.includes(undefined))
    spread(offsets, commonFrames(sightings, groups, fileOf, here, 1));
  if (offsets.includes(undefined)) {
    const routed = sightings.routedGroups();
    spread(offsets, commonFrames(sightings, routed, fileOf, directionByTtl(sightings), 1));
  }
  return offsets;
}

/** Sets the offsets of files that have frames in common with files of which they are known. */
function spread(offsets: (number | undefined)[], common: ReadonlyMap<number, CommonFrames>): void {
  // From file to file, over the pair with the most common frames each time.
  for (;;) {
    const [best] = [...common.values()]
      .filter(({ a, b }) => (offsets[a] === undefined) !== (offsets[b] === undefined))
      .sort((x, y) => y.samples.length - x.samples.length);
    if (!best) return;
    const { a, b, samples } = best;
    const ahead = offsetOf(samples);
    if (offsets[b] === undefined) offsets[b] = (offsets[a] ?? 0) + ahead;
    else offsets[a] = offsets[b] - ahead;
  }
}

/** Which of two ways a frame goes, and between whom. */
interface Direction {
  /** Whose frames, whoever sends. */
  readonly conversation: number;
  readonly forward: boolean;
  readonly sender: number;
}

type DirectionOf = (first: number, other: number) => Direction | undefined;

function directionHere({ source, destination }: Sightings): DirectionOf {
  return (first) => {
    const [from, to] = [source[first] as number, destination[first] as number];
    return { conversation: from ^ to, forward: from < to, sender: from };
  };
}

/** A router counts the time to live down: that tells on which side of it a packet was first. */
function directionByTtl({ ttl }: Sightings): DirectionOf {
  return (first, other) => {
    const [one, two] = [ttl[first] as number, ttl[other] as number];
    return one === two ? undefined : { conversation: 1, forward: one > two, sender: one > two ? 1 : 2 };
  };
}

interface Sample extends Direction {
  /** Time in the second file less time in the first. */
  readonly later: number;
}

interface CommonFrames {
  readonly a: number;
  readonly b: number;
  readonly samples: Sample[];
}

/** The frames that two files have in common, of those that no point has seen twice; by pair of files. */
function commonFrames(
  sightings: Sightings,
  groups: Groups,
  fileOf: readonly number[],
  directionOf: DirectionOf,
  step: number,
): ReadonlyMap<number, CommonFrames> {
  const { point, time } = sightings;
  const pairs = new Map<number, CommonFrames>();
  for (let i = 0; i < groups.heads.length; i += step) {
    const head = groups.heads[i] as number;
    const size = groups.sizes[head] as number;
    if (size < 2 || size > fileOf.length) continue;
    const members = groups.membersOf(head);
    if (new Set(members.map((member) => point[member])).size < size) continue;
    const first = members[0] as number;
    for (const other of members.slice(1)) {
      const a = fileOf[point[first] as number] ?? 0;
      const b = fileOf[point[other] as number] ?? 0;
      const direction = a === b ? undefined : directionOf(first, other);
      if (!direction) continue;
      const key = a * 65_536 + b;
      let pair = pairs.get(key);
      if (!pair) {
        pair = { a, b, samples: [] };
        pairs.set(key, pair);
      }
      const later = (time[other] as number) - (time[first] as number);
      pair.samples.push({ ...direction, later });
    }
  }
  return pairs;
}

function offsetOf(samples: readonly Sample[]): number {
  const typical = median(samples.map(({ later }) => later));
  const near = samples.filter(({ later }) => Math.abs(later - typical) < outlier);
  const bothWays = conversations(near).flatMap(({ there, back }) =>
    there.length > 0 && back.length > 0 ? [[median(there), median(back)]] : [],
  );
  if (bothWays.length === 0) return offsetByOrder(near, typical);
  const low = median(bothWays.map((ends) => Math.min(...ends)));
  const high = median(bothWays.map((ends) => Math.max(...ends)));
  const middle = (low + high) / 2;
  return (low <= 0 && high >= 0) || Math.abs(middle) < captureJitter ? 0 : middle;
}

/**
 * Where nobody is seen to be answered, as in DHCP, whose questions go to everybody: the middle between those whose frames
 * came late and those whose frames came early, or, where one alone sends, what takes his quickest frame for instant.
 */
function offsetByOrder(samples: readonly Sample[], typical: number): number {
  if (Math.abs(typical) < believableLatency) return 0;
  const bySender = new Map<number, number[]>();
  for (const { sender, later } of samples) {
    const known = bySender.get(sender);
    if (known) known.push(later);
    else bySender.set(sender, [later]);
  }
  const medians = [...bySender.values()].map(median);
  if (medians.length > 1) return (Math.min(...medians) + Math.max(...medians)) / 2;
  return Math.min(...samples.map(({ later }) => later));
}

/** What the frames of each conversation show, by direction. */
function conversations(samples: readonly Sample[]): { readonly there: number[]; readonly back: number[] }[] {
  const found = new Map<number, { readonly there: number[]; readonly back: number[] }>();
  for (const { conversation, forward, later } of samples) {
    let both = found.get(conversation);
    if (!both) {
      both = { there: [], back: [] };
      found.set(conversation, both);
    }
    (forward ? both.there : both.back).push(later);
  }
  return [...found.values()];
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
