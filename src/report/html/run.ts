import { relative } from 'node:path';
import { isFlaky, runSummary, type SuiteRun } from '../../suite/result.ts';
import type { Topology } from '../../topology/schema.ts';
import { topologyWith } from '../../topology/with-settings.ts';
import { durationText } from '../amounts.ts';
import { linkLine, settingsText } from '../scenario-text.ts';
import { sortClaims } from './claims.ts';
import type { Figures } from './figure.ts';
import { claimList, journeySection } from './journey.ts';
import { html, type Markup } from './markup.ts';
import { timeline } from './timeline.ts';

export interface RunContext {
  readonly topology: Topology | undefined;
  readonly figures: Figures;
  /** The id of the run's place in the document. */
  readonly id: string;
  /** The absolute path of the folder that the report lies in. */
  readonly folder: string;
}

/** The verdict in a word, coloured. */
export function verdictMark({ verdict, earlier }: Pick<SuiteRun, 'verdict' | 'earlier'>): Markup {
  const flaky = isFlaky({ verdict, earlier });
  return html`<strong class="verdict ${flaky ? 'flaky' : verdict}">${flaky ? 'flaky' : verdict}</strong>`;
}

/** A run of a scenario on a topology. One that passed is folded; its heading tells it all. */
export function runArticle(run: SuiteRun, context: RunContext): Markup {
  const { id, folder, figures } = context;
  const topology = context.topology && topologyWith(context.topology, run.with);
  const bundle = run.bundle === undefined ? undefined : linkTo(folder, run.bundle);
  const capture = bundle === undefined ? undefined : `${bundle}/captures.pcapng`;
  const { journeys, others } = sortClaims(run);
  const isOpen = run.verdict === 'fail' || run.verdict === 'error';
  const body = html`${run.reason === undefined ? undefined : html`<p class="reason">${run.reason}</p>`}
${(run.causes ?? []).map(({ text }) => html`<p class="cause">Cause: ${text}</p>`)}
${bundle && bundleLinks(bundle, run)}
${run.earlier.map(({ verdict, reason, failedClaims, durationMs }, index) => html`<p class="earlier">Attempt ${index + 1}: ${verdict} after ${durationText(durationMs)}. ${reason ?? failedClaims.join('; ')}</p>`)}
${run.provisionings.map((provisioning, index) => timeline(provisioning, `${id}-boot-${index + 1}`))}
${journeys.map((told) => journeySection(told, { topology, figures, capture }))}
${others.length === 0 ? undefined : html`<section class="journey"><h4>${journeys.length > 0 ? 'Besides' : 'Claims'}</h4>${claimList(others, capture)}</section>`}
${(run.links ?? []).map((link) => html`<p class="link">${linkLine(link)}</p>`)}
${run.observed !== null && run.claims.length === 0 ? html`<p class="reason">It states no claim, and so shows nothing.</p>` : undefined}`;
  const heading = html`<h3>on ${run.topology}<span class="settings">${settingsText(run)}</span></h3>${verdictMark(run)} <span class="summary">${runSummary(run)}</span> <span class="took">${durationText(run.durationMs)}</span>`;
  return html`<article id="${id}" class="run ${run.verdict}">
${isOpen ? html`<div class="head">${heading}</div>\n${body}` : html`<details><summary class="head">${heading}</summary>\n${body}</details>`}
</article>
`;
}

/** The bundle's own account of its files comes first; what was captured is known from the result. */
function bundleLinks(bundle: string, { captures }: SuiteRun): Markup {
  const link = (file: string, text: string) => html`<a href="${bundle}/${file}">${text}</a>`;
  const captured = Object.keys(captures).length > 0;
  const more = captured
    ? html`, ${link('captures.pcapng', 'capture')}, ${link('journeys.txt', 'journeys of all frames')}`
    : undefined;
  return html`<p class="bundle">All there is to see: ${link('README.txt', 'bundle')}${more}, ${link('replay.sh', 'replay.sh')}</p>`;
}

/** A path as an address relative to the report's folder. */
function linkTo(folder: string, path: string): string {
  const way = relative(folder, path).split('/').map(encodeURIComponent).join('/');
  return way.startsWith('.') ? way : `./${way}`;
}
