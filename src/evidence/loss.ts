import type { CountedFlow } from '../ovs/flow.ts';
import type { Trace, TraceStep } from '../ovs/trace.ts';
import type { JourneyOutcome } from './evidence.ts';
import type { SeenFrame } from './journey.ts';
import type { PointMap } from './map.ts';

/** The flows of each bridge before and after a capture. */
export interface FlowCounts {
  readonly before: Readonly<Record<string, readonly CountedFlow[]>>;
  readonly after: Readonly<Record<string, readonly CountedFlow[]>>;
}

/** Asks Open vSwitch for the way of a frame that came in at a point; undefined for a point that is no port of it. */
export type TraceFrom = (frame: SeenFrame) => Promise<Trace | undefined>;

/**
 * Why a frame did not arrive: ofproto/trace names the rule that would drop it, and that rule's counter must have moved
 * while it was captured. Where the two do not agree, the answer is that it is not known.
 */
export async function explainLoss(
  hops: readonly SeenFrame[],
  to: string,
  map: PointMap,
  flows: FlowCounts,
  trace: TraceFrom,
): Promise<JourneyOutcome> {
  const where = lostBetween(hops, to, map);
  const traced = await firstTrace(hops, trace);
  if (!traced) return { kind: 'unknown', reason: `${where}; it did not reach Open vSwitch` };
  const dropping = traced.steps.find((step) => step.actions.length === 1 && step.actions[0] === 'drop');
  if (!dropping) {
    const actions =
      traced.datapathActions === 'drop' ? 'Open vSwitch puts it out nowhere' : traced.datapathActions;
    return { kind: 'unknown', reason: `${where}; no rule drops it, ofproto/trace ends with: ${actions}` };
  }
  const packets = counted(dropping, flows);
  const rule = `table=${dropping.table}, priority=${dropping.priority}${dropping.match ? `, ${dropping.match}` : ''} actions=drop`;
  if (packets === 0) {
    const reason = `${where}; ofproto/trace says ${dropping.bridge} drops it (${rule}), but that rule counted no frame`;
    return { kind: 'unknown', reason };
  }
  return { kind: 'dropped', bridge: dropping.bridge, rule, packets };
}

async function firstTrace(hops: readonly SeenFrame[], trace: TraceFrom): Promise<Trace | undefined> {
  for (const hop of hops) {
    const traced = await trace(hop);
    if (traced) return traced;
  }
  return undefined;
}

/** The stretch of the way on which it was lost, from the captured points. */
function lostBetween(hops: readonly SeenFrame[], to: string, map: PointMap): string {
  const [first] = hops;
  if (!first) return 'it was never seen';
  const way = map.way(first.point, to);
  const seen = new Set(hops.map(({ point }) => point));
  const last = way.filter((point) => seen.has(point)).at(-1) ?? first.point;
  return `last seen at ${last} on its way to ${to}`;
}

/** By how many frames a rule's counter rose. */
function counted(step: TraceStep, flows: FlowCounts): number {
  const packets = (dumped: readonly CountedFlow[] | undefined) =>
    dumped?.find(
      (flow) =>
        flow.table === step.table && flow.priority === step.priority && sameMatch(flow.match, step.match),
    )?.packets ?? 0;
  return packets(flows.after[step.bridge]) - packets(flows.before[step.bridge]);
}

function sameMatch(a: string, b: string): boolean {
  const parts = (match: string) =>
    match
      .split(',')
      .map((part) => part.trim())
      .sort()
      .join();
  return parts(a) === parts(b);
}
