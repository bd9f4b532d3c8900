import type { CountedFlow } from '../ovs/flow.ts';
import type { Trace, TraceStep } from '../ovs/trace.ts';
import { framesPutOut } from './datapath-actions.ts';
import type { SeenFrame } from './journey.ts';
import type { PointMap } from './map.ts';
import type { JourneyOutcome } from './outcome.ts';

/** The flows of each bridge before and after a capture. */
export interface FlowCounts {
  readonly before: Readonly<Record<string, readonly CountedFlow[]>>;
  readonly after: Readonly<Record<string, readonly CountedFlow[]>>;
}

/** What is asked of Open vSwitch about the points of a lab. */
export interface SwitchedPorts {
  /** The bridge of which a point is a port, patch ports left out; a bridge's own is that bridge. Undefined for others. */
  bridgeOf(point: string): string | undefined;
  /** The other end of the cable that a point is one end of. */
  cableEnd(point: string): string | undefined;
  /** The way of a frame that comes in at a port. */
  trace(point: string, frame: Uint8Array): Promise<Trace>;
}

/** A port by which the way of a frame enters a bridge. */
interface Entry {
  readonly point: string;
  /** The port at which it leaves Open vSwitch again. */
  readonly leaving: string | undefined;
}

/**
 * Why a frame did not arrive: ofproto/trace names the rule that drops or misdirects it, and that rule's counter must
 * have moved while it was captured. Where the two do not agree, the answer is that it is not known.
 *
 * @param hops where it was seen, at least one
 */
export async function explainLoss(
  hops: readonly SeenFrame[],
  to: string,
  map: PointMap,
  flows: FlowCounts,
  ports: SwitchedPorts,
): Promise<JourneyOutcome> {
  const seen = new Map(hops.map((hop) => [hop.point, hop]));
  const way = map.way(hops[0]?.point ?? '', to);
  const last = way.findLast((point) => seen.has(point)) ?? hops[0]?.point;
  const where = `last seen at ${last} on its way to ${to}`;
  const unknown = (reason: string): JourneyOutcome => ({ kind: 'unknown', reason: `${where}; ${reason}` });

  const entries = entriesOn(way, ports);
  const captured = ({ point }: Entry) =>
    seen.get(point)?.bytes ?? seen.get(ports.cableEnd(point) ?? '')?.bytes;
  let at = entries.findLastIndex((entry) => captured(entry) !== undefined);
  let entry = entries[at];
  let frame = entry && captured(entry);
  if (!entry || !frame) return unknown('it did not reach Open vSwitch');
  for (;;) {
    const trace = await ports.trace(entry.point, frame);
    const culprit = trace.steps.find(drops) ?? trace.steps.at(-1);
    if (!culprit) return unknown('ofproto/trace gives no account of it');
    const leaving = entry.leaving ?? '';
    const out = framesPutOut(trace.datapathActions, frame).get(deviceOf(leaving));
    if (drops(culprit) || !out) return blame(culprit, { seen, to, flows, unknown });
    entry = entries[++at];
    if (!entry) return unknown(`Open vSwitch puts it out at ${leaving}`);
    frame = out;
  }
}

/** The ports by which a way enters the bridges of Open vSwitch; patch ports between bridges are no entries. */
function entriesOn(way: readonly string[], ports: SwitchedPorts): Entry[] {
  const isBridge = (point: string) => ports.bridgeOf(point) === deviceOf(point);
  return way.flatMap((point, index) => {
    const bridge = ports.bridgeOf(point);
    // A way begins or ends in a bridge itself where the host has its address: at the bridge's own port.
    const enters = deviceOf(way[index + 1] ?? '') === bridge || (index === 0 && isBridge(point));
    if (bridge === undefined || !enters) return [];
    const leaving = way.find(
      (it, later) =>
        later > index && ports.bridgeOf(it) !== undefined && (!isBridge(it) || later === way.length - 1),
    );
    return [{ point, leaving }];
  });
}

function deviceOf(point: string): string {
  return point.slice(point.indexOf('/') + 1);
}

/** Open vSwitch drops by a rule, for want of a rule, or in NORMAL, which then says so. */
function drops({ actions }: TraceStep): boolean {
  return (actions.length === 1 && actions[0] === 'drop') || remarks(actions).length > 0;
}

function remarks(actions: readonly string[]): string[] {
  return actions.filter((action) => action.startsWith('>>') && action.includes('dropping'));
}

function blame(
  step: TraceStep,
  context: {
    readonly seen: ReadonlyMap<string, SeenFrame>;
    readonly to: string;
    readonly flows: FlowCounts;
    readonly unknown: (reason: string) => JourneyOutcome;
  },
): JourneyOutcome {
  const { bridge } = step;
  const { seen, to, flows, unknown } = context;
  if (step.miss) {
    return { kind: 'dropped', bridge, rule: `table=${step.table}: no rule matches`, packets: null };
  }
  const flow = findFlow(flows.after[bridge], step);
  const rule = ruleText(step, flow);
  const packets = (flow?.packets ?? 0) - (findFlow(flows.before[bridge], step)?.packets ?? 0);
  if (packets === 0) {
    const deed = drops(step) ? 'drops' : 'forwards';
    return unknown(`ofproto/trace says that ${bridge} ${deed} it (${rule}), but that rule counted no frame`);
  }
  if (drops(step)) return { kind: 'dropped', bridge, rule, packets };
  const inside = [...seen.values()].find(({ point }) => deviceOf(point) === bridge);
  return { kind: 'misdirected', bridge, rule, packets, ...(inside ? { vlan: inside.vlan } : {}), to };
}

function ruleText(step: TraceStep, flow: CountedFlow | undefined): string {
  const match = step.match === '' ? '' : `, ${step.match}`;
  const said = remarks(step.actions).map((remark) => ` (${remark.replace(/^>+\s*|\s*<+$/g, '')})`);
  const actions = flow?.actions ?? step.actions.join(',');
  return `table=${step.table}, priority=${step.priority}${match} actions=${actions}${said[0] ?? ''}`;
}

/** The rule that a step of a trace met, among dumped ones. */
export function findFlow(
  dumped: readonly CountedFlow[] | undefined,
  step: TraceStep,
): CountedFlow | undefined {
  return dumped?.find(
    (flow) =>
      flow.table === step.table && flow.priority === step.priority && sameMatch(flow.match, step.match),
  );
}

/** The fields of a match come in any order. */
function sameMatch(a: string, b: string): boolean {
  const parts = (match: string) =>
    match
      .split(',')
      .map((part) => part.trim())
      .sort()
      .join();
  return parts(a) === parts(b);
}
