import { type LabPlan, labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import type { Host } from '../linux/host.ts';
import type { CountedFlow } from '../ovs/flow.ts';
import { dumpFlows, type OpenFlowVersion, settleCounters } from '../ovs/openflow.ts';
import { traceFrame } from '../ovs/trace.ts';
import { readCaptureFile } from '../packets/read.ts';
import { startCapture } from './capture.ts';
import { Evidence } from './evidence.ts';
import { joinJourneys, type SeenFrame, seenFrames } from './journey.ts';
import type { SwitchedPorts } from './loss.ts';
import { mapOf } from './map.ts';
import { findPoint } from './point.ts';

/**
 * Captures at points of a lab while something is done, and answers what was seen.
 *
 * @param folder where the pcap files go
 * @throws whatever `act` throws, after the captures have ended
 */
export async function observe<T>(
  lab: Lab,
  options: { readonly points: readonly string[]; readonly folder: string },
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly evidence: Evidence }> {
  const { devstack } = lab;
  const plan = labPlan(lab.topology);
  const bridges = plan.devstack.bridges.map(({ name }) => name);
  const count = () => countFlows(devstack, bridges, plan.devstack.rules.protocol);
  const points = options.points.map((name) => findPoint(lab, name));
  const [before, capture] = await Promise.all([count(), startCapture(points, options.folder)]);
  let result: T;
  try {
    result = await act();
  } catch (error) {
    await capture.abandon();
    throw error;
  }
  const [[captures, frames], after] = await Promise.all([
    capture.stop().then(async (files) => [files, await readAll(files)] as const),
    settleCounters(devstack).then(count),
  ]);
  const map = mapOf(plan);
  const evidence = new Evidence({
    captures,
    frames,
    journeys: joinJourneys(frames, map),
    map,
    flows: { before, after },
    ports: switchedPorts(devstack, plan),
  });
  return { result, evidence };
}

async function countFlows(
  host: Host,
  bridges: readonly string[],
  version: OpenFlowVersion,
): Promise<Record<string, CountedFlow[]>> {
  return Object.fromEntries(
    await Promise.all(
      bridges.map(async (bridge) => [bridge, await dumpFlows(host, bridge, version)] as const),
    ),
  );
}

async function readAll(captures: Readonly<Record<string, string>>): Promise<SeenFrame[]> {
  const read = async ([point, file]: [string, string]) => {
    const { frames, error } = await readCaptureFile(file);
    if (error) throw error;
    return seenFrames(point, file, frames);
  };
  return (await Promise.all(Object.entries(captures).map(read))).flat();
}

/** The ports of devstack's Open vSwitch and the cables in them. */
function switchedPorts(devstack: Host, plan: LabPlan): SwitchedPorts {
  const { bridges, domains, veths } = plan.devstack;
  const pointOf = (device: string) => `${devstack.name}/${device}`;
  const bridgeByPoint = new Map<string, string>();
  for (const { name, ports } of bridges) {
    bridgeByPoint.set(pointOf(name), name);
    for (const port of ports) if (port.type !== 'patch') bridgeByPoint.set(pointOf(port.name), name);
  }
  for (const { nic } of domains) bridgeByPoint.set(pointOf(nic.device), nic.bridge);
  const cables = [
    ...veths.map(({ a, b }) => [pointOf(a), pointOf(b)] as const),
    ...plan.wires.map((wire) => [pointOf(wire.devstackDevice), `rack/${wire.rackDevice}`] as const),
  ];
  const ends = new Map(cables.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
  return {
    bridgeOf: (point) => bridgeByPoint.get(point),
    cableEnd: (point) => ends.get(point),
    trace: (point, frame) => {
      const device = point.slice(pointOf('').length);
      return traceFrame(devstack, bridgeByPoint.get(point) ?? '', device, frame);
    },
  };
}
