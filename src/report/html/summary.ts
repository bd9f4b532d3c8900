import type { JourneyResult } from '../../scenarios/result.ts';
import { isFlaky, runSummary, type SuiteResult, type SuiteRun } from '../../suite/result.ts';
import { durationText } from '../amounts.ts';
import { html, type Markup } from './markup.ts';
import { verdictMark } from './run.ts';

/** A suite's end in a few words. */
export function headline({ counts, runs, interrupted }: SuiteResult): string {
  const broken = counts.fail + counts.error;
  const all = `${runs.length} run${runs.length === 1 ? '' : 's'}`;
  if (interrupted) return `Interrupted: ${counts.pass} of ${all} passed`;
  if (broken > 0) return `${broken} of ${all} did not pass`;
  if (counts.skip === runs.length) return runs.length === 0 ? 'Nothing was run' : `All ${all} were skipped`;
  const skipped = counts.skip > 0 ? `, ${counts.skip} skipped` : '';
  return counts.skip > 0 ? `${counts.pass} of ${all} passed${skipped}` : `All ${all} passed`;
}

/** When, how long, on what, and with which versions. */
export function facts(result: SuiteResult): Markup {
  const { startedAt, durationMs, counts, shard, seed, jobs, versions, machine } = result;
  const shown: readonly (readonly [name: string, value: string])[] = [
    ['passed', String(counts.pass)],
    ['failed', String(counts.fail)],
    ['errors', String(counts.error)],
    ['skipped', String(counts.skip)],
    ...(counts.flaky > 0 ? [['flaky', String(counts.flaky)] as const] : []),
  ];
  const when: readonly (readonly [name: string, value: string])[] = [
    ['began', `${startedAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['took', durationText(durationMs)],
    ['at once', `up to ${jobs}`],
    ...(shard ? [['part', `${shard.index} of ${shard.of}`] as const] : []),
    ...(seed === null ? [] : [['order', `shuffled, seed ${seed}`] as const]),
    ['machine', `${machine.cpus} × ${machine.cpu}, ${machine.memoryGib} GiB`],
  ];
  return html`<dl class="counts">${shown.map(([name, value]) => html`<div class="${name}${value === '0' ? ' none' : ''}"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${[when, Object.entries(versions)].map((list) => html`<dl class="facts">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`)}`;
}

/** Scenarios by topologies: each run's verdict, which leads to it. */
export function matrix(runs: readonly SuiteRun[], idOf: (run: SuiteRun) => string): Markup {
  const topologies = [...new Set(runs.map(({ topology }) => topology))].sort();
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))];
  return html`<div class="scroll"><table class="matrix"><caption>Verdicts by scenario and topology</caption>
<thead><tr><th scope="col">scenario</th>${topologies.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${scenarios.map((scenario) => {
    const cells = topologies.map((topology) => {
      const run = runs.find((it) => it.scenario === scenario && it.topology === topology);
      if (!run) return html`<td class="empty"><span class="hidden">not declared</span></td>`;
      return html`<td><a href="#${idOf(run)}">${verdictMark(run)}</a> <span class="took">${durationText(run.durationMs)}</span></td>`;
    });
    return html`<tr><th scope="row">${scenario}</th>${cells}</tr>
`;
  })}</tbody></table></div>`;
}

/** What broke, a line a run: where a frame was lost first, or why it came to no outcome. */
export function broken(runs: readonly SuiteRun[], idOf: (run: SuiteRun) => string): Markup | undefined {
  const wrong = runs.filter(
    ({ verdict, earlier }) => verdict === 'fail' || verdict === 'error' || isFlaky({ verdict, earlier }),
  );
  if (wrong.length === 0) return undefined;
  return html`<section aria-labelledby="broken"><h2 id="broken">What broke</h2>
<ol class="broken">${wrong.map((run) => {
    const lost = run.journeys.find(
      ({ outcome }) => outcome.kind === 'dropped' || outcome.kind === 'misdirected',
    );
    const claim = run.claims.find(({ holds }) => !holds);
    return html`<li><a href="#${idOf(run)}">${run.id}</a> ${verdictMark(run)}<span class="summary">${runSummary(run)}</span>${claim && html`<span class="why">${claim.text}${lost || claim.why === '' ? '' : `: ${claim.why}`}</span>`}${lost && lostLine(lost)}${(run.causes ?? []).slice(0, 1).map(({ text }) => html`<span class="cause">Cause: ${text}</span>`)}</li>
`;
  })}</ol></section>`;
}

function lostLine({ what, outcome }: JourneyResult): Markup {
  return html`<span class="why guilty-hop">${what} is ${outcome.text}</span>`;
}
