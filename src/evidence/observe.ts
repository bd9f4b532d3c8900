import { labPlan } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { dumpAllFlows } from '../ovs/openflow.ts';
import { readCaptureFile } from '../packets/read.ts';
import { startCapture } from './capture.ts';
import { Evidence } from './evidence.ts';
import { joinJourneys, type SeenFrame, seenFrames } from './journey.ts';
import { mapOf } from './map.ts';
import { findPoint } from './point.ts';
import { type AttachedPort, switchedPorts } from './switched-ports.ts';

/**
 * Captures at points of a lab while something is done, and answers what was seen.
 *
 * @param options.folder where the pcap files go
 * @param options.attached ports of devstack's bridges that the plan does not have
 * @throws whatever `act` throws, after the captures have ended
 */
export async function observe<T>(
  lab: Lab,
  options: {
    readonly points: readonly string[];
    readonly folder: string;
    readonly attached?: readonly AttachedPort[];
  },
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly evidence: Evidence }> {
  const { devstack } = lab;
  const plan = labPlan(lab.topology);
  const bridges = plan.devstack.bridges.map(({ name }) => name);
  const count = () => dumpAllFlows(devstack, bridges, plan.devstack.rules.protocol);
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
    count(),
  ]);
  const { attached = [] } = options;
  const map = mapOf(plan);
  for (const { device, bridge } of attached) map.chain(`devstack/${device}`, `devstack/${bridge}`);
  const evidence = new Evidence({
    captures,
    frames,
    journeys: joinJourneys(frames, map),
    map,
    flows: { before, after },
    ports: switchedPorts(devstack, plan, attached),
  });
  return { result, evidence };
}

async function readAll(captures: Readonly<Record<string, string>>): Promise<SeenFrame[]> {
  const read = async ([point, file]: [string, string]) => {
    const { frames, error } = await readCaptureFile(file);
    if (error) throw error;
    return seenFrames(point, file, frames);
  };
  return (await Promise.all(Object.entries(captures).map(read))).flat();
}
