import { labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import type { Host } from '../linux/host.ts';
import type { CountedFlow } from '../ovs/flow.ts';
import { dumpFlows, type OpenFlowVersion, settleCounters } from '../ovs/openflow.ts';
import { type Trace, traceFrame } from '../ovs/trace.ts';
import { readCaptureFile } from '../packets/read.ts';
import { startCapture } from './capture.ts';
import { Evidence } from './evidence.ts';
import { joinJourneys, type SeenFrame, seenFrames } from './journey.ts';
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
  const bridges = Object.keys(plan.devstack.rules.flows);
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
  const captures = await capture.stop();
  await settleCounters(devstack);
  const [after, frames] = await Promise.all([count(), readAll(captures)]);
  const map = mapOf(plan);
  const evidence = new Evidence({
    captures,
    frames,
    journeys: joinJourneys(frames, map),
    map,
    flows: { before, after },
    trace: traceIn(devstack, plan.devstack.bridges),
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

/** Traces a frame from the port of Open vSwitch at which it was seen. */
function traceIn(host: Host, bridges: readonly { name: string; ports: readonly { name: string }[] }[]) {
  return async (frame: SeenFrame): Promise<Trace | undefined> => {
    const slash = frame.point.indexOf('/');
    const device = frame.point.slice(slash + 1);
    if (frame.point.slice(0, slash) !== host.name) return undefined;
    const bridge = bridges.find(({ ports }) => ports.some(({ name }) => name === device));
    return bridge && traceFrame(host, bridge.name, device, frame.bytes);
  };
}
