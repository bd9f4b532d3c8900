import pc from 'picocolors';
import type { FileJourneys } from '../evidence/file-journeys.ts';
import type { JoinedJourney } from '../evidence/join.ts';
import { vlanText } from '../evidence/outcome.ts';
import { isoTime } from '../scenarios/result.ts';
import { clockTime } from './time.ts';

/** A journey over files with what its frame is. */
export interface DescribedJourney {
  readonly journey: JoinedJourney;
  /** The frame in one line. */
  readonly frame: string;
}

interface Hop {
  readonly point: string;
  readonly file: string;
  readonly number: number;
  readonly vlan: number | null;
  /** Nanoseconds since the epoch, by the first file's clock. */
  readonly time: bigint;
}

/** The hops of each flight. */
function flightsOf({ sightings, points, files }: FileJourneys, journey: JoinedJourney): Hop[][] {
  return journey.map((flight) =>
    [...flight].map((hop) => {
      const point = points[sightings.point[hop] ?? 0];
      const vlan = sightings.vlan[hop] ?? -1;
      return {
        point: point?.name ?? '',
        file: files[point?.file ?? 0]?.file ?? '',
        number: sightings.number[hop] ?? 0,
        vlan: vlan < 0 ? null : vlan,
        time: sightings.epoch + BigInt(Math.round(sightings.time[hop] ?? 0)),
      };
    }),
  );
}

const width = 100;
const indent = '    ';

/** For a person: when and what, then where, in which frame of the file, with which tag, after how long. */
export function journeyText(joined: FileJourneys, { journey, frame }: DescribedJourney): string {
  const flights = flightsOf(joined, journey);
  const start = flights[0]?.[0]?.time ?? 0n;
  const lines = [`${clockTime(start)}  ${frame}`];
  let line = '';
  for (const [index, hops] of flights.entries()) {
    for (const [at, { point, number, vlan, time }] of hops.entries()) {
      const arrow = at > 0 ? ' → ' : index > 0 ? ' → routed → ' : '';
      const after = time === start ? '' : ` +${(Number(time - start) / 1e6).toFixed(3)} ms`;
      const hop = `${point} #${number} ${vlanText(vlan)}${after}`;
      if (line !== '' && indent.length + line.length + arrow.length + hop.length > width) {
        lines.push(indent + line);
        line = `${arrow.trimStart()}${hop}`;
      } else line += arrow + hop;
    }
  }
  const text = [...lines, indent + line].join('\n');
  return `${text.replaceAll(/VLAN \d+/g, (tag) => pc.cyan(tag)).replaceAll(/ #\d+| \+[\d.]+ ms/g, (part) => pc.dim(part))}\n`;
}

/** One line of JSON. */
export function journeyJson(joined: FileJourneys, { journey, frame }: DescribedJourney): string {
  const hops = flightsOf(joined, journey).flatMap((flight, segment) =>
    flight.map(({ point, file, number, vlan, time }) => ({
      point,
      file,
      number,
      vlan,
      time: isoTime(time),
      segment,
    })),
  );
  return `${JSON.stringify({ frame, hops })}\n`;
}

/** What was joined: files with their clocks, and how many journeys. */
export function joinedText({ files, points, journeys }: FileJourneys): string[] {
  const width = Math.max(...files.map(({ file }) => file.length));
  const lines = files.map(({ file, frames, aheadNs }, index) => {
    const count = `${frames} frame${frames === 1 ? '' : 's'}`;
    return `${file.padEnd(width)}  ${count}${index === 0 ? '' : `, ${clockText(aheadNs)}`}`;
  });
  const alone = journeys.filter(([flight, ...more]) => more.length === 0 && flight?.length === 1).length;
  const seen = points.length > 1 ? `, ${alone} of them seen at one place alone` : '';
  return [...lines, `${journeys.length} journeys${seen}`];
}

function clockText(aheadNs: number | undefined): string {
  if (aheadNs === undefined) return 'no frame in common with the others';
  if (aheadNs === 0) return 'its clock agrees with the first';
  return `its clock is ${(Math.abs(aheadNs) / 1e6).toFixed(3)} ms ${aheadNs > 0 ? 'ahead' : 'behind'}`;
}
