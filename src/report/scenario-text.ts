import pc from 'picocolors';
import { markText } from '../evidence/outcome.ts';
import type { LinkCounts } from '../links/queue.ts';
import type { LinkState } from '../links/relay-protocol.ts';
import type {
  ClaimResult,
  HopResult,
  JourneyResult,
  RunResult,
  ScenarioResult,
  Verdict,
} from '../scenarios/result.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** A scenario's result for a person: each run with its journeys and claims, and at the end the contrast. */
export function scenarioText(result: ScenarioResult): string {
  const lines = [pc.bold(result.title), ...wrap(result.teaches, 100), ''];
  for (const run of result.runs) lines.push(...runLines(run), '');
  if (result.runs.length > 1) lines.push(...contrast(result.runs), '');
  lines.push(`${verdictText(result.verdict)} ${result.scenario}`);
  return lines.join('\n');
}

/** A verdict as a word in its colour. */
export function verdictText(verdict: Verdict): string {
  const colour = { pass: pc.green, fail: pc.red, error: pc.red, skip: pc.yellow }[verdict];
  return pc.bold(colour(verdict.toUpperCase()));
}

/** A run with all its journeys and claims. */
export function runLines(run: RunResult): string[] {
  const seconds = `${(run.durationMs / 1000).toFixed(1)} s`;
  const heading = `${pc.bold(`on ${run.topology}`)}${settingsText(run)}`;
  const lines = [`${heading}: ${outcomeLine(run)}  ${verdictText(run.verdict)} ${pc.dim(seconds)}`];
  if (run.reason) lines.push(`  ${(run.verdict === 'error' ? pc.red : pc.yellow)(run.reason)}`);
  for (const journey of run.journeys) lines.push(...journeyLines(journey, '  '));
  const shown = new Set<string>();
  for (const claim of run.claims) lines.push(...claimLines(claim, shown));
  for (const link of run.links ?? []) lines.push(pc.dim(`  ${linkLine(link)}`));
  for (const { text } of run.causes ?? []) lines.push(`  ${pc.red(`Cause: ${text}`)}`);
  if (run.observed !== null && run.claims.length === 0) {
    lines.push(`  ${pc.red('✗')} it states no claim, and so shows nothing`);
  }
  if (run.bundle !== undefined) lines.push(`  all there is to see: ${run.bundle}`);
  return lines;
}

/** What a scenario has set, to stand behind a topology's name. */
export function settingsText(run: Pick<RunResult, 'with'>): string {
  return Object.entries(run.with ?? {})
    .map(([name, value]) => `, ${name}: ${flow(value)}`)
    .join('');
}

/** A setting as YAML in one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, it]) => `${key}: ${flow(it)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** What a cable with faults has done. */
export function linkLine({ link, faults, in: inwards, out: outwards }: LinkState): string {
  const way = (name: string, counts: LinkCounts) => {
    const { received, delivered, ...misfortunes } = counts;
    const met = Object.entries(misfortunes).filter(([, count]) => count > 0);
    return `${name} ${delivered} of ${received}${met.map(([what, count]) => `, ${count} ${misfortune[what] ?? what}`).join('')}`;
  };
  return `link ${link}, seed ${faults.seed}: ${way('in', inwards)}; ${way('out', outwards)}`;
}

const misfortune: Readonly<Record<string, string>> = { tooLong: 'too long' };

function outcomeLine({ observed, expected }: RunResult): string {
  if (observed === null) return 'no outcome';
  return observed === expected ? `${observed}, as declared` : `${observed}, but declared is ${expected}`;
}

/**
 * A claim that does not hold is shown with the journeys it is about and the frames to look up.
 *
 * @param shown the journeys that earlier claims were shown with, which are not repeated
 */
function claimLines(claim: ClaimResult, shown: Set<string>): string[] {
  if (claim.holds) return [`  ${pc.green('✓')} ${claim.text}`];
  const journeys = (claim.journeys ?? []).filter(({ what }) => !shown.has(what));
  for (const { what } of journeys) shown.add(what);
  return [
    `  ${pc.red('✗')} ${claim.text}`,
    ...(claim.why ? [`      ${pc.red(claim.why)}`] : []),
    ...journeys.flatMap((journey) => journeyLines(journey, '      ')),
    ...claim.evidence.map(({ point, file, frame }) => pc.dim(`      frame ${frame} at ${point}: ${file}`)),
  ];
}

/** The table of hops: where, with which tag, when. Where it was flooded besides is told in a line. */
function journeyLines({ what, hops, outcome }: JourneyResult, indent: string): string[] {
  const way = hops.filter(({ aside }) => !aside);
  const start = hops[0]?.time;
  const rows = way.map((hop) => [
    hop.point,
    hop.label ?? '',
    markText(hop),
    `${(start === undefined ? 0 : millisecondsBetween(start, hop.time)).toFixed(3)} ms`,
  ]);
  const flooded = hops
    .filter(({ aside }) => aside)
    .map((hop) => `${hop.label ?? hop.point} (${markText(hop)})`);
  const mark = outcome.kind === 'delivered' ? pc.green('→') : pc.yellow('✗');
  return [
    `${indent}${what}`,
    ...table(rows, `${indent}  `).map((line) =>
      line.replace(/(?:VLAN|GRE|VXLAN) \d+/, (tag) => pc.cyan(tag)),
    ),
    `${indent}  ${mark} ${outcome.text}`,
    ...(flooded.length > 0 ? [pc.dim(`${indent}  flooded as well to ${flooded.join(', ')}`)] : []),
  ];
}

/** From one ISO 8601 time with nanoseconds to another. */
export function millisecondsBetween(from: string, to: string): number {
  const ns = (time: string) =>
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));
  return Number(ns(to) - ns(from)) / 1e6;
}

/** The first journey of each run side by side: the tag at each point, or nothing where it was not seen. */
function contrast(runs: readonly RunResult[]): string[] {
  const ways = runs.map(({ journeys }) => journeys[0]?.hops.filter(({ aside }) => !aside) ?? []);
  const places = inOrder(ways.map((hops) => hops.map(placeOf)));
  const tagAt = (hops: readonly HopResult[], place: string) => {
    const hop = hops.find((it) => placeOf(it) === place);
    return hop ? markText(hop) : '-';
  };
  const rows = [
    ['', ...runs.map(({ topology }) => topology)],
    ...places.map((place) => [place, ...ways.map((hops) => tagAt(hops, place))]),
    ['outcome', ...runs.map(({ observed, verdict }) => observed ?? verdict)],
  ];
  const what = runs.map(({ journeys }) => journeys[0]?.what).find((it) => it !== undefined);
  return [pc.bold(`side by side: ${what ?? 'outcomes'}`), ...table(rows, '  ')];
}

/** Ports named after ids, which differ between topologies, go by what is behind them. */
function placeOf({ point, label }: HopResult): string {
  return label !== undefined && /\/(tap|qr-|qg-)[0-9a-f]{8}-/.test(point) ? label : point;
}

/** Every place once, such that what the longest list has in some order stays so. */
function inOrder(lists: readonly (readonly string[])[]): string[] {
  const longestFirst = [...lists].sort((a, b) => b.length - a.length);
  return [...new Set(longestFirst.flat())];
}
