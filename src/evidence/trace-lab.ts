import { LabError } from '../errors.ts';
import { type LabPlan, labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { composeFrame } from '../ovs/compose-frame.ts';
import type { CountedFlow } from '../ovs/flow.ts';
import { dumpAllFlows } from '../ovs/openflow.ts';
import { AddressBook } from './address-book.ts';
import { type Agreement, compareSightings } from './agreement.ts';
import { pointsThere } from './choose-points.ts';
import { type Entrance, entranceAt } from './entrance.ts';
import { describedFrame } from './frame-words.ts';
import { findFlow, type SwitchedPorts } from './loss.ts';
import { type RecordedFrame, recordedFrame, recordedJourney } from './recorded-frame.ts';
import { ruleDeed, type VlanMeanings } from './rule-words.ts';
import { switchedPorts } from './switched-ports.ts';
import { tagOf } from './tags.ts';
import { type Sighting, type TracedLeg, traceWay } from './traced-way.ts';
import { vlanMeanings } from './vlan-meanings.ts';
import { watchFrame } from './watch-frame.ts';

/** A rule that a frame meets. */
export interface MetRule {
  readonly bridge: string;
  readonly table: number;
  readonly priority: number;
  /** As Open vSwitch writes it; empty for a rule that matches all. */
  readonly match: string;
  readonly actions: readonly string[];
  /** What it does, in words. */
  readonly deed: string;
  readonly drops: boolean;
  /** By how much its counter rose while the frame was sent; null when none was. */
  readonly counted: number | null;
}

/** What becomes of a frame from a port of Open vSwitch on, until it leaves or is dropped. */
export interface TracedStage {
  readonly entry: Sighting;
  readonly rules: readonly MetRule[];
  readonly exits: readonly Sighting[];
}

/** The way of a frame over all bridges, and whether captures show it. */
export interface LabTrace {
  readonly point: string;
  readonly frame: Uint8Array;
  /** Set when the rack's switch does not let it through. */
  readonly stoppedBySwitch: boolean;
  readonly stages: readonly TracedStage[];
  /** Where captures should see it. */
  readonly foretold: readonly Sighting[];
  /** null when it was neither sent nor is recorded at several points. */
  readonly captures: (Agreement & { readonly source: 'sent' | 'recorded' }) | null;
}

/**
 * Traces a frame from a point of a running lab.
 *
 * @param words the frame: `FILE:NUMBER`, hexadecimal, fields of ovs-fields(7), or words (see `describedFrame`)
 * @param options.send really send it there, and capture
 */
export async function traceInLab(
  lab: Lab,
  point: string,
  words: readonly string[],
  options: { readonly send: boolean },
): Promise<LabTrace> {
  const plan = labPlan(lab.topology);
  const ports = switchedPorts(lab.devstack, plan);
  const entrance = entranceAt(lab, plan, ports, point);
  const { frame, recorded } = await frameOf(lab, plan, point, words);
  const bridges = plan.devstack.bridges.map(({ name }) => name);
  const count = () => dumpAllFlows(lab.devstack, bridges, plan.devstack.rules.protocol);

  const [flows, way] = await Promise.all([count(), waysFrom(entrance, ports, frame)]);
  const foretold = [
    ...(entrance.visible ? entrance.before.map((it) => ({ point: it, vlan: way.vlan })) : []),
    ...way.sightings.filter((it) => entrance.visible || it.point !== point),
  ];
  const isOwnPort = (name: string) => bridges.includes(name.replace('devstack/', ''));
  const compare = (seen: readonly Sighting[], captured: readonly string[]) =>
    compareSightings(
      // Inside a bridge captures show another thing than at its own port.
      foretold.filter((it) => !isOwnPort(it.point)),
      seen,
      captured,
      (name) =>
        !isOwnPort(name) && (ports.bridgeOf(name) !== undefined || ports.cableEnd(name) !== undefined),
    );
  let captures: LabTrace['captures'] = null;
  let after: Awaited<ReturnType<typeof count>> | undefined;
  if (options.send) {
    const names = [...new Set([...lab.topology.capture_points, ...foretold.map((it) => it.point), point])];
    const points = await pointsThere(lab, names);
    const seen = await watchFrame(points, frame, foretold, () => entrance.send(frame));
    captures = {
      source: 'sent',
      ...compare(
        seen,
        points.map(({ name }) => name),
      ),
    };
    after = await count();
  } else if (recorded) {
    const journey = await recordedJourney(recorded);
    if (journey) captures = { source: 'recorded', ...compare(journey.seen, journey.captured) };
  }
  return {
    point,
    frame,
    stoppedBySwitch: way.legs.length === 0,
    stages: way.legs.map((leg) => stageOf(leg, vlanMeanings(lab.topology), flows, after)),
    foretold,
    captures,
  };
}

async function frameOf(
  lab: Lab,
  plan: LabPlan,
  point: string,
  given: readonly string[],
): Promise<{ readonly frame: Uint8Array; readonly recorded?: RecordedFrame }> {
  const recorded = await recordedFrame(given.join(' '));
  if (recorded) return { frame: recorded.bytes, recorded };
  const words = given.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  const [text = ''] = words;
  const hex = words.join('').replaceAll(/[\s:-]|0x/g, '');
  if (/^[0-9a-f]{28,}$/i.test(hex) && hex.length % 2 === 0) return { frame: Buffer.from(hex, 'hex') };
  if (text.includes('=')) {
    if (/\bin_port=/.test(text))
      throw new LabError('usage', 'leave in_port out: the point says where it comes in');
    return { frame: await composeFrame(lab.devstack, words.join(',')) };
  }
  const book = new AddressBook(lab.topology, plan);
  const tag = lab.topology.servers.find((server) => server.name === book.at(point)?.name);
  const own =
    tag?.kind === 'namespace' && tag.vlan !== null && !words.includes('vlan') ? ['vlan', `${tag.vlan}`] : [];
  const { flow, payload } = describedFrame([...words, ...own], book, book.at(point));
  return { frame: await composeFrame(lab.devstack, flow, payload) };
}

/** The ways from all ports of Open vSwitch that frames of an entrance come to. */
async function waysFrom(entrance: Entrance, ports: SwitchedPorts, frame: Uint8Array) {
  const legs: TracedLeg[] = [];
  const sightings: Sighting[] = [];
  const entered = entrance.ports.flatMap(({ point, frame: change }) => {
    const there = change(frame);
    return there ? [{ point, frame: there }] : [];
  });
  for (const { point, frame: there } of entered) {
    const way = await traceWay(ports, point, there);
    legs.push(...way.legs);
    sightings.push(...way.sightings);
  }
  return { legs, sightings, vlan: tagOf(frame) };
}

function stageOf(
  { entry, trace, exits }: TracedLeg,
  vlans: VlanMeanings,
  before: Readonly<Record<string, readonly CountedFlow[]>>,
  after: Readonly<Record<string, readonly CountedFlow[]>> | undefined,
): TracedStage {
  const rules = trace.steps.map((step): MetRule => {
    const { bridge, table, priority, match, actions, miss } = step;
    const deed = miss ? 'drops it: no rule matches' : ruleDeed(step, actions, before[bridge] ?? [], vlans);
    const packets = (flows: typeof before) => findFlow(flows[bridge], step)?.packets ?? 0;
    return {
      ...{ bridge, table, priority, match, actions, deed },
      drops: deed.startsWith('drops it'),
      counted: after ? packets(after) - packets(before) : null,
    };
  });
  return { entry, rules, exits };
}
