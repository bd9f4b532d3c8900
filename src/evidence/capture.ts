import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../linux/files.ts';
import type { Host } from '../linux/host.ts';
import { linkTypes } from '../packets/frame.ts';
import { readCaptureFile } from '../packets/read.ts';
import { pcapFile } from '../packets/write.ts';
import { byTime } from './by-time.ts';
import { CaptureSession, type Tap } from './capture-session.ts';
import { refuseLosses } from './lost-frames.ts';
import type { CapturePoint } from './point.ts';

/** A capture that runs at several points. */
export interface RunningCapture {
  /** Ends it when every frame that has passed is in its file. Answers the file of each point, by its name. */
  stop(): Promise<Readonly<Record<string, string>>>;
  /** Ends it at once and forgets what it saw. */
  abandon(): Promise<void>;
}

/**
 * Starts capturing and answers when every point really captures.
 *
 * @param folder where the pcap files go, one a point, named after it
 * @throws LabError `lab-failed` with tcpdump's own words, for the first point that cannot be captured
 */
export async function startCapture(points: readonly CapturePoint[], folder: string): Promise<RunningCapture> {
  makePrivateFolder(folder);
  const files = points.map((point) => pointFiles(point, folder));
  const taps = files.flatMap(({ point, parts }) =>
    tapsOf(point).map((of, side) => {
      const output = openSync(parts[side] as string, 'w', 0o600);
      return { host: point.host, tap: { name: point.name, of, output } };
    }),
  );
  const sessions = await startSessions(taps).finally(() => {
    for (const { tap } of taps) closeSync(tap.output);
  });
  const end = () => inAll(sessions, (session) => session.end());
  return {
    abandon: end,
    stop: async () => {
      await inAll(sessions, (session) => session.drain()).finally(end);
      refuseLosses(countsOf(sessions));
      await Promise.all(files.map(joinParts));
      return Object.fromEntries(files.map(({ point, file }) => [point.name, file]));
    },
  };
}

/** What of a point each tcpdump is to see. */
export function tapsOf({ device, namespace, mirrored }: CapturePoint): Tap['of'][] {
  return mirrored ? [...mirrored] : [{ device, ...(namespace ? { namespace } : {}) }];
}

/**
 * Starts taps, one session a host.
 *
 * @throws what the first session that fails throws, when all the others have ended
 */
export async function startSessions(
  taps: readonly { readonly host: Host; readonly tap: Tap }[],
  filter?: string,
): Promise<CaptureSession[]> {
  const byHost = new Map<Host, Tap[]>();
  for (const { host, tap } of taps) byHost.set(host, [...(byHost.get(host) ?? []), tap]);
  const started = await Promise.allSettled(
    [...byHost].map(([host, own]) => CaptureSession.start(host, own, filter)),
  );
  const sessions = started.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  const failed = started.find((it) => it.status === 'rejected');
  if (!failed) return sessions;
  await inAll(sessions, (session) => session.end());
  throw failed.reason;
}

export async function inAll(
  sessions: readonly CaptureSession[],
  work: (session: CaptureSession) => Promise<void>,
): Promise<void> {
  await Promise.all(sessions.map(work));
}

/** How many frames each tcpdump lost, of those that have ended. */
function countsOf(sessions: readonly CaptureSession[]): { readonly point: string; readonly lost: number }[] {
  return sessions.flatMap(({ running }) =>
    running.map((tap) => ({ point: tap.name, lost: tap.lastCounts().lost })),
  );
}

interface PointFiles {
  readonly point: CapturePoint;
  readonly file: string;
  /** A file for each tcpdump; the one file where there is one. */
  readonly parts: readonly string[];
}

function pointFiles(point: CapturePoint, folder: string): PointFiles {
  const name = join(folder, point.name.replaceAll('/', '_'));
  const file = `${name}.pcap`;
  const sides = tapsOf(point).length;
  const parts = sides === 1 ? [file] : Array.from({ length: sides }, (_, side) => `${name}.${side}.pcap`);
  return { point, file, parts };
}

/** The two sides of a patch port become one capture. */
async function joinParts({ file, parts }: PointFiles): Promise<void> {
  if (parts.length === 1) return;
  const captures = await Promise.all(parts.map(readCaptureFile));
  const frames = captures.flatMap((capture) => capture.frames);
  frames.sort(byTime);
  const joined = `${file}.part`;
  writeFileSync(joined, pcapFile(linkTypes.ethernet, frames), { mode: 0o600 });
  renameSync(joined, file);
  for (const part of parts) rmSync(part);
}
