import type { Trace } from '../ovs/trace.ts';
import { framesPutOut } from './datapath-actions.ts';
import type { SwitchedPorts } from './loss.ts';
import { tagOf } from './tags.ts';

/** A frame at a point, with its tag there. */
export interface Sighting {
  readonly point: string;
  readonly vlan: number | null;
}

/** What becomes of a frame that comes into Open vSwitch at a port, until it is put out or dropped. */
export interface TracedLeg {
  readonly entry: Sighting;
  readonly bridge: string;
  readonly trace: Trace;
  /** The ports at which it leaves; the bridges' own ports, behind which the host is, among them. */
  readonly exits: readonly Sighting[];
}

/** A frame's way over all bridges, by ofproto/trace. */
export interface TracedWay {
  readonly legs: readonly TracedLeg[];
  /** Where captures should see it, and with which tag: every port that it leaves or enters by. */
  readonly sightings: readonly Sighting[];
}

/**
 * Traces a frame from a port of Open vSwitch on, over the cables by which it comes into Open vSwitch again.
 *
 * @param entry the point at which it comes in
 * @param frame the whole Ethernet frame
 */
export async function traceWay(ports: SwitchedPorts, entry: string, frame: Uint8Array): Promise<TracedWay> {
  const legs: TracedLeg[] = [];
  const sightings = new Map<string, number | null>();
  const queue = [{ point: entry, frame }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { point, frame } = next;
    if (legs.some((leg) => leg.entry.point === point)) continue;
    const trace = await ports.trace(point, frame);
    const exits: Sighting[] = [];
    sightings.set(point, tagOf(frame));
    for (const [device, out] of framesPutOut(trace.datapathActions, frame)) {
      const exit = { point: `devstack/${device}`, vlan: tagOf(out) };
      exits.push(exit);
      sightings.set(exit.point, exit.vlan);
      const far = ports.cableEnd(exit.point);
      if (far === undefined) continue;
      sightings.set(far, exit.vlan);
      if (ports.bridgeOf(far) !== undefined) queue.push({ point: far, frame: out });
    }
    legs.push({
      entry: { point, vlan: tagOf(frame) },
      bridge: ports.bridgeOf(point) ?? '',
      trace,
      exits,
    });
  }
  return { legs, sightings: [...sightings].map(([point, vlan]) => ({ point, vlan })) };
}
