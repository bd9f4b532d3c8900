import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { BpfProgram } from '../packets/bpf.ts';
import { type DecodedFrame, decoded } from '../packets/decode.ts';
import { dissect } from '../packets/dissect.ts';
import { Dissection } from '../packets/dissection.ts';
import { CaptureError, type CaptureInterface } from '../packets/frame.ts';
import { gunzipped } from '../packets/gunzip.ts';
import { CaptureParser } from '../packets/read.ts';
import { fileChunks, scanCapture } from '../packets/scan.ts';
import { clockOffsets } from './clocks.ts';
import { type JoinedJourney, joinGroups } from './join.ts';
import { Sightings } from './sightings.ts';

/** A capture file among those that are joined. */
export interface JoinedFile {
  readonly file: string;
  readonly frames: number;
  /** By how much its clock is ahead of the first file's; undefined when it shares no frame with the others. */
  readonly aheadNs: number | undefined;
  /** Where the file is damaged; what comes before has been read. */
  readonly damage?: CaptureError;
}

/** A place where frames were captured: a file, or an interface of a pcapng file that has several. */
export interface JoinedPoint {
  readonly name: string;
  /** Index of the file. */
  readonly file: number;
}

/** The frames of several captures of one moment, joined. */
export interface FileJourneys {
  readonly files: readonly JoinedFile[];
  readonly points: readonly JoinedPoint[];
  /** Their times are by the first file's clock. */
  readonly sightings: Sightings;
  readonly journeys: readonly JoinedJourney[];
}

/**
 * Joins capture files of one moment. Their clocks may differ by a constant each, which is estimated from the frames they
 * have in common.
 *
 * @param paths pcap or pcapng, gzip-compressed or not; the order decides which way a frame went where times cannot tell
 * @throws LabError `usage` for a file that cannot be read at all
 */
export async function joinFiles(paths: readonly string[]): Promise<FileJourneys> {
  const sightings = new Sightings(sizeOf(paths) / usualFrame);
  const points = new Points(paths);
  const read: { readonly frames: number; readonly damage: CaptureError | undefined }[] = [];
  for (const [file, path] of paths.entries()) read.push(await readFrames(file, path, sightings, points));
  const groups = sightings.groups();
  const fileOf = points.all.map(({ file }) => file);
  const offsets = clockOffsets(sightings, groups, fileOf, paths.length);
  sightings.shift(fileOf.map((file) => -(offsets[file] ?? 0)));
  return {
    files: paths.map((file, index) => {
      const { frames, damage } = read[index] ?? { frames: 0, damage: undefined };
      return { file, frames, aheadNs: offsets[index], ...(damage ? { damage } : {}) };
    }),
    points: points.all,
    sightings,
    // Nothing is known of the way between the files: a router may lie between any two.
    journeys: joinGroups(sightings, groups, { routed: () => true }),
  };
}

/**
 * What the first frame of each journey is, in one line, by a second pass over the files, which follows TFTP transfers and
 * streams as the first cannot.
 *
 * @param filterFor gives the filter for frames of a link type
 * @returns by journey; undefined where the filter does not take its first frame
 */
export async function describeJourneys(
  { files, points, sightings, journeys }: FileJourneys,
  textOf: (frame: DecodedFrame) => string,
  filterFor?: (linkType: number) => Promise<BpfProgram>,
): Promise<(string | undefined)[]> {
  const firsts = files.map(({ frames }) => new Int32Array(frames + 1).fill(-1));
  journeys.forEach((journey, index) => {
    const hop = journey[0]?.[0] ?? 0;
    const first = firsts[points[sightings.point[hop] ?? 0]?.file ?? 0];
    if (first) first[sightings.number[hop] ?? 0] = index;
  });
  const texts = new Array<string | undefined>(journeys.length).fill(undefined);
  for (const [index, { file }] of files.entries()) {
    await scanCapture(
      fileChunks(file),
      ({ number }, layers) => {
        const journey = firsts[index]?.[number] ?? -1;
        if (journey >= 0) texts[journey] = textOf(decoded(layers));
      },
      { streams: true, ...(filterFor ? { filterFor } : {}) },
    );
  }
  return texts;
}

/** Bytes that a frame takes in a file, about. */
const usualFrame = 400;

function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

const dissection = new Dissection();

async function readFrames(
  file: number,
  path: string,
  sightings: Sightings,
  points: Points,
): Promise<{ readonly frames: number; readonly damage: CaptureError | undefined }> {
  const parser = new CaptureParser({ stable: false });
  const { record } = parser;
  try {
    for await (const chunk of gunzipped(fileChunks(path))) {
      parser.append(chunk);
      while (parser.next()) {
        const { bytes, start, end, length } = record;
        dissect(bytes, start, end, length, record.interface.linkType, dissection, null);
        const point = points.of(file, record.interfaceId, parser.interfaces);
        sightings.add(point, record.number, record.time(), dissection, start, end);
      }
    }
    parser.finish();
    return { frames: record.number, damage: undefined };
  } catch (error) {
    if (error instanceof CaptureError) return { frames: record.number, damage: error };
    throw error;
  } finally {
    points.complete(file, parser.interfaces);
  }
}

/** Numbers the points in the order in which they show up. */
class Points {
  readonly all: JoinedPoint[] = [];
  private readonly names: readonly string[];
  private readonly known: number[][];

  constructor(paths: readonly string[]) {
    const short = paths.map((path) => basename(path).replace(/\.(pcap|pcapng|cap)(\.gz)?$/, ''));
    this.names = new Set(short).size === short.length ? short : paths;
    this.known = paths.map(() => []);
  }

  of(file: number, interfaceId: number, interfaces: readonly CaptureInterface[]): number {
    const known = this.known[file] as number[];
    return known[interfaceId + 1] ?? this.add(file, interfaceId, interfaces);
  }

  /** Places where nothing was seen are places all the same. */
  complete(file: number, interfaces: readonly CaptureInterface[]): void {
    const isPcap = this.known[file]?.[0] !== undefined || (interfaces.length === 1 && !interfaces[0]?.name);
    if (isPcap) this.of(file, -1, interfaces);
    else for (const id of interfaces.keys()) this.of(file, id, interfaces);
  }

  private add(file: number, interfaceId: number, interfaces: readonly CaptureInterface[]): number {
    const name = this.names[file] ?? '';
    const inFile = interfaces[interfaceId]?.name ?? `interface ${interfaceId}`;
    const single = this.names.length === 1;
    const isOneOfSeveral = interfaceId > 0 || interfaces.length > 1;
    this.all.push({ name: isOneOfSeveral ? (single ? inFile : `${name}:${inFile}`) : name, file });
    const point = this.all.length - 1;
    (this.known[file] as number[])[interfaceId + 1] = point;
    return point;
  }
}
