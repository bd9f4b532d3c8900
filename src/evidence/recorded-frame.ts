import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../errors.ts';
import { captureFrames } from '../packets/read.ts';
import { fileChunks } from '../packets/scan.ts';
import { joinFiles } from './file-journeys.ts';
import type { Sighting } from './traced-way.ts';

/** A frame that was captured. */
export interface RecordedFrame {
  readonly file: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The frame that `FILE:NUMBER` names; undefined for a text of another form. */
export async function recordedFrame(text: string): Promise<RecordedFrame | undefined> {
  const found = /^(.+):(\d+)$/.exec(text);
  const [file, number] = [found?.[1] ?? '', Number(found?.[2])];
  if (!found || !existsSync(file)) return undefined;
  let last = 0;
  for await (const frame of captureFrames(fileChunks(file))) {
    last = frame.number;
    if (frame.number === number) return { file, number, bytes: Uint8Array.from(frame.bytes) };
  }
  throw new LabError('usage', `${file} has no frame ${number}; its last is ${last}`);
}

/** Where captures of the same moment saw a frame, and where they looked for it. */
export interface RecordedJourney {
  readonly seen: readonly Sighting[];
  readonly captured: readonly string[];
}

const pointFile = /^(devstack|rack)_(.+)\.pcap$/;

/**
 * The journey of a recorded frame over the points of its own file, where that is one with an interface a point, or over
 * the files beside it, where a scenario has left a file a point. Undefined when the file tells of one place alone.
 */
export async function recordedJourney({ file, number }: RecordedFrame): Promise<RecordedJourney | undefined> {
  const inFolder = pointFile.test(basename(file));
  const paths = inFolder
    ? readdirSync(dirname(file))
        .filter((name) => pointFile.test(name))
        .map((name) => join(dirname(file), name))
    : [file];
  const { points, sightings, journeys, files } = await joinFiles(paths);
  const at = files.findIndex((joined) => basename(joined.file) === basename(file));
  const names = points.map(({ name }) => (inFolder ? `${name}.pcap`.replace(pointFile, '$1/$2') : name));
  if (names.length < 2 || !names.every((name) => /^(devstack|rack)\//.test(name))) return undefined;
  const isIt = (hop: number) =>
    sightings.number[hop] === number && points[sightings.point[hop] ?? -1]?.file === at;
  const flights = journeys.find((journey) => journey.some((flight) => flight.some(isIt)));
  const seen = (flights ?? []).flatMap((flight) =>
    [...flight].map((hop) => {
      const vlan = sightings.vlan[hop] ?? -1;
      return { point: names[sightings.point[hop] ?? -1] ?? '', vlan: vlan < 0 ? null : vlan };
    }),
  );
  return { seen, captured: names };
}
