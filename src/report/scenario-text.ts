import pc from 'picocolors';
import { vlanText } from '../evidence/evidence.ts';
import type { JourneyResult, RunResult, ScenarioResult, Verdict } from '../scenarios/result.ts';

/** A scenario's result for a person: each run with its journeys and claims, and at the end the contrast. */
export function scenarioText(result: ScenarioResult): string {
  const lines = [pc.bold(result.title), ...wrap(result.teaches, 100), ''];
  for (const run of result.runs) lines.push(...runLines(run), '');
  if (result.runs.length > 1) lines.push(...contrast(result.runs), '');
  lines.push(`${verdictText(result.verdict)} ${result.scenario}`);
  return lines.join('\n');
}

function verdictText(verdict: Verdict): string {
  const colour = { pass: pc.green, fail: pc.red, error: pc.red, skip: pc.yellow }[verdict];
  return pc.bold(colour(verdict.toUpperCase()));
}

function runLines(run: RunResult): string[] {
  const seconds = (run.durationMs / 1000).toFixed(1);
  const outcome =
    run.observed === run.expected
      ? `${run.observed}, as declared`
      : `${run.observed ?? 'no outcome'}, but declared is ${run.expected}`;
  const lines = [
    `${pc.bold(`on ${run.topology}`)}: ${outcome}  ${verdictText(run.verdict)} ${pc.dim(`${seconds} s`)}`,
  ];
  if (run.reason) lines.push(`  ${pc.red(run.reason)}`);
  for (const journey of run.journeys) lines.push(...journeyLines(journey));
  for (const claim of run.claims) {
    lines.push(`  ${claim.holds ? pc.green('✓') : pc.red('✗')} ${claim.text}`);
    if (claim.holds) continue;
    if (claim.why) lines.push(`      ${pc.red(claim.why)}`);
    for (const { point, file, frame } of claim.evidence)
      lines.push(pc.dim(`      frame ${frame} at ${point}: ${file}`));
  }
  if (run.observed !== null && run.claims.length === 0) lines.push(`  ${pc.red('✗')} it states no claim`);
  return lines;
}

/** The table of hops: where, with which tag, when. */
export function journeyLines(journey: JourneyResult): string[] {
  const width = Math.max(0, ...journey.hops.map(({ point }) => point.length));
  const start = journey.hops[0]?.time;
  const lines = [`  ${journey.what}`];
  for (const hop of journey.hops) {
    const after = start === undefined ? 0 : millisecondsBetween(start, hop.time);
    const tag = vlanText(hop.vlan).padEnd(10);
    lines.push(
      `    ${hop.point.padEnd(width)}  ${hop.vlan === null ? tag : pc.cyan(tag)} ${pc.dim(`${after.toFixed(3)} ms`)}`,
    );
  }
  const mark = journey.outcome.kind === 'delivered' ? pc.green('→') : pc.yellow('✗');
  lines.push(`    ${mark} ${journey.outcome.text}`);
  return lines;
}

function millisecondsBetween(from: string, to: string): number {
  const ns = (time: string) =>
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));
  return Number(ns(to) - ns(from)) / 1e6;
}

/** The first journey of each run side by side: the tag at each point, or nothing where it was not seen. */
function contrast(runs: readonly RunResult[]): string[] {
  const journeys = runs.map(({ journeys }) => journeys[0]);
  const points = [
    ...new Set(journeys.flatMap((journey) => journey?.hops.map(({ point }) => pointClass(point)) ?? [])),
  ];
  const cell = (journey: JourneyResult | undefined, point: string) => {
    const hop = journey?.hops.find((it) => pointClass(it.point) === point);
    return hop ? vlanText(hop.vlan) : '-';
  };
  const rows = [
    ['', ...runs.map(({ topology }) => topology)],
    ...points.map((point) => [point, ...journeys.map((journey) => cell(journey, point))]),
    ['outcome', ...runs.map(({ observed }) => observed ?? 'error')],
  ];
  return [pc.bold(`side by side: ${journeys.find(Boolean)?.what ?? 'outcomes'}`), ...table(rows)];
}

/** Taps are named after port ids, which differ between topologies. */
function pointClass(point: string): string {
  return point.replace(/\/(tap|qr-|qg-)[0-9a-f]{8}-[0-9a-f]{2}$/, '/$1…');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
