/*
 * Joins five captures of 200,000 frames each to journeys: from the files on disk to the list of journeys.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinFiles } from '../src/evidence/file-journeys.ts';
import { journeyFiles, writeJourneyFiles } from '../test/evidence/journey-files.ts';

const framesPerFile = 200_000;
const repeats = 3;
const boundSeconds = 2;

const folder = mkdtempSync(join(tmpdir(), 'lab-bench-journeys-'));
try {
  const paths = writeJourneyFiles(folder, framesPerFile);
  const seconds: number[] = [];
  let told = '';
  for (let i = 0; i < repeats; i++) {
    const begun = performance.now();
    const { journeys, sightings, files: joined } = await joinFiles(paths);
    seconds.push((performance.now() - begun) / 1000);
    const whole = journeys.filter(([flight]) => flight?.length === journeyFiles.length).length;
    const clocks = joined.map(({ aheadNs }) => ((aheadNs ?? 0) / 1e6).toFixed(3)).join(', ');
    told = `${sightings.count} sightings, ${journeys.length} journeys, ${whole} through all files; clocks ahead by ${clocks} ms`;
  }
  const median = seconds.sort((a, b) => a - b)[Math.floor(repeats / 2)] ?? 0;
  console.log(told);
  console.log(
    `journeys over ${journeyFiles.length} files x ${framesPerFile} frames: ${median.toFixed(2)} s (bar: ${boundSeconds} s; ${seconds.map((s) => s.toFixed(2)).join(', ')})`,
  );
  if (median > boundSeconds) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
