import { vlanText } from './outcome.ts';
import type { Sighting } from './traced-way.ts';

/** Whether captures show what was foretold. */
export interface Agreement {
  readonly agrees: boolean;
  /** Where the frame was seen, in order. */
  readonly seen: readonly Sighting[];
  /** Where it was not seen as foretold, a sentence each. */
  readonly differences: readonly string[];
}

/**
 * Compares where a frame was seen with where ofproto/trace puts it.
 *
 * @param captured the points at which there was a capture
 * @param foretells whether a sighting at a point could have been foretold; others count for nothing
 */
export function compareSightings(
  foretold: readonly Sighting[],
  seen: readonly Sighting[],
  captured: readonly string[],
  foretells: (point: string) => boolean,
): Agreement {
  const differences: string[] = [];
  for (const { point, vlan } of foretold) {
    if (!captured.includes(point)) continue;
    const there = seen.filter((it) => it.point === point);
    if (there.length === 0) differences.push(`not seen at ${point}, though it should be, ${vlanText(vlan)}`);
    else if (!there.some((it) => it.vlan === vlan)) {
      const tags = there.map((it) => vlanText(it.vlan)).join(', ');
      differences.push(`seen at ${point} with another tag: ${tags} for ${vlanText(vlan)}`);
    }
  }
  for (const { point, vlan } of seen) {
    if (!foretells(point) || foretold.some((it) => it.point === point)) continue;
    differences.push(`seen at ${point}, though it should not be, ${vlanText(vlan)}`);
  }
  return { agrees: differences.length === 0, seen, differences };
}
