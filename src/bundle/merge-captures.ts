import { closeSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type CapturedFrame, CaptureError, linkTypes } from '../packets/frame.ts';
import { captureFrames } from '../packets/read.ts';
import { fileChunks } from '../packets/scan.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../packets/write.ts';
import type { Redaction } from './redaction.ts';

/** A capture file of one point. */
export interface PointCapture {
  /** `host/interface` */
  readonly point: string;
  readonly file: string;
}

/** One capture of all points, and where the frames of their files are in it. */
export interface MergedCapture {
  readonly points: readonly string[];
  readonly frames: number;
  /** The number in the merged file, both 1-based; undefined for a frame that is not in it. */
  numberOf(file: string, frame: number): number | undefined;
  /** Files that are damaged, with what is wrong; what comes before is in the capture. */
  readonly damaged: readonly { readonly file: string; readonly why: string }[];
}

/** `devstack_eth2.pcap`; the two sides of a patch port are parts until a capture ends as it should. */
const pointFile = /^(devstack|rack)_(.+?)(?:\.\d)?\.pcap$/;

/** The capture files of a run: of a scenario that captures several times, those of all times. */
export function pointCaptures(folder: string): PointCapture[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((path) => {
      const [, host, device] = pointFile.exec(path.slice(path.lastIndexOf('/') + 1)) ?? [];
      return host && device ? [{ point: `${host}/${device}`, file: join(folder, path) }] : [];
    });
}

/**
 * Writes one pcapng file of many captures, an interface a point, frames in the order of time, secrets masked. In constant
 * memory, but for a number a frame.
 *
 * @param labels what is behind points, by their names
 */
export async function mergeCaptures(
  captures: readonly PointCapture[],
  output: string,
  context: {
    readonly comment: string;
    readonly labels: ReadonlyMap<string, string>;
    readonly redaction: Redaction;
  },
): Promise<MergedCapture> {
  const points = [...new Set(captures.map(({ point }) => point))];
  const damaged: { readonly file: string; readonly why: string }[] = [];
  const sources = captures.map(({ point, file }) => ({
    file,
    interfaceId: points.indexOf(point),
    numbers: [] as number[],
    frames: framesOf(file, (why) => damaged.push({ file, why })),
  }));
  const out = openSync(output, 'w', 0o644);
  let count = 0;
  try {
    writeSync(out, sectionHeader({ comment: context.comment }));
    for (const name of points) {
      const description = context.labels.get(name);
      const described = description === undefined ? {} : { description };
      writeSync(out, interfaceDescription({ linkType: linkTypes.ethernet, name, ...described }));
    }
    const heads = await Promise.all(
      sources.map(async (source) => ({ source, next: await nextOf(source.frames) })),
    );
    for (;;) {
      const first = earliest(heads);
      if (!first?.next) break;
      const { source, next: frame } = first;
      source.numbers[frame.number] = ++count;
      const bytes = context.redaction.frame(frame.bytes);
      writeSync(out, enhancedPacket({ ...frame, bytes, number: count, interfaceId: source.interfaceId }));
      first.next = await nextOf(source.frames);
    }
  } finally {
    closeSync(out);
  }
  const numbers = new Map(sources.map((source) => [source.file, source.numbers]));
  return { points, frames: count, damaged, numberOf: (file, frame) => numbers.get(file)?.[frame] };
}

/** Has the redaction learn what secrets the captures give away. */
export async function learnFromCaptures(
  captures: readonly PointCapture[],
  redaction: Redaction,
): Promise<void> {
  for (const { file } of captures) {
    for await (const { bytes } of framesOf(file, () => undefined)) {
      redaction.learn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    }
  }
}

/** The frames of a file up to where it is damaged: a capture that was cut short is evidence all the same. */
async function* framesOf(file: string, onDamage: (why: string) => void): AsyncGenerator<CapturedFrame> {
  try {
    yield* captureFrames(fileChunks(file));
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    onDamage(error.message);
  }
}

async function nextOf(frames: AsyncGenerator<CapturedFrame>): Promise<CapturedFrame | undefined> {
  const { value, done } = await frames.next();
  return done ? undefined : value;
}

function earliest<T extends { readonly next: CapturedFrame | undefined }>(
  heads: readonly T[],
): T | undefined {
  let first: T | undefined;
  for (const head of heads) {
    if (head.next && (!first?.next || head.next.time < first.next.time)) first = head;
  }
  return first;
}
