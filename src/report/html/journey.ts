import type { FrameReference } from '../../evidence/claim.ts';
import { vlanText } from '../../evidence/outcome.ts';
import type { ClaimResult, HopResult, JourneyResult } from '../../scenarios/result.ts';
import type { Topology } from '../../topology/schema.ts';
import { millisecondsBetween } from '../scenario-text.ts';
import type { ToldJourney } from './claims.ts';
import type { Figures } from './figure.ts';
import { html, type Markup } from './markup.ts';
import { tagClass } from './tag.ts';

/** What a journey is drawn with. */
export interface JourneyContext {
  /** undefined when what was built is not known. */
  readonly topology: Topology | undefined;
  readonly figures: Figures;
  /** The address of the capture that frames are numbered in, relative to the report. */
  readonly capture: string | undefined;
}

/** A journey: its figure, its hops, and the claims about it. */
export function journeySection({ journey, claims }: ToldJourney, context: JourneyContext): Markup {
  const { topology, figures } = context;
  const delivered = journey.outcome.kind === 'delivered';
  const drawn = topology && journey.hops.length > 0 ? figures.draw(journey, topology) : undefined;
  return html`<section class="journey">
<h4>${journey.what}</h4>
<p class="end ${delivered ? 'delivered' : 'lost'}">${delivered ? '→' : '✕'} ${journey.outcome.text}</p>
<div class="told">
${drawn && html`<div class="drawn">${drawn}</div>`}
<div class="beside">
${journey.hops.length > 0 ? hopTable(journey, context) : undefined}
${claimList(claims, context.capture, journey)}
${(journey.traces ?? []).map(
  ({
    point,
    text,
  }) => html`<details class="trace"><summary>ofproto/trace of it, in at ${point}</summary><pre>${text.trimEnd()}</pre></details>
`,
)}
</div>
</div>
</section>
`;
}

function hopTable({ what, hops }: JourneyResult, context: JourneyContext): Markup {
  const start = hops[0]?.time ?? '';
  const way = hops.filter(({ aside }) => !aside);
  const aside = hops.filter((hop) => hop.aside);
  const row = (hop: HopResult, mark: string) => {
    const { point, label, vlan, time, frame } = hop;
    const tag = html`<span class="tag ${context.topology ? tagClass(vlan, context.topology) : 'other'}">${vlanText(vlan)}</span>`;
    return html`<tr class="${hop.aside ? 'aside' : 'way'}"><td class="mark">${mark}</td><th scope="row"><code>${point}</code>${label && html` <span class="label">${label}</span>`}</th><td>${tag}</td><td class="number">${millisecondsBetween(start, time).toFixed(3)}</td><td class="number">${frame}</td></tr>
`;
  };
  return html`<div class="scroll"><table class="hops"><caption>Where ${what} was seen</caption>
<thead><tr><th scope="col"><span class="hidden">mark in the figure</span></th><th scope="col">point</th><th scope="col">tag</th><th scope="col" class="number">ms</th><th scope="col" class="number">${context.capture === undefined ? 'frame' : html`<a href="${context.capture}">frame</a>`}</th></tr></thead>
<tbody>${way.map((hop, index) => row(hop, String(index + 1)))}${aside.map((hop) => row(hop, '○'))}</tbody></table></div>`;
}

/**
 * Claims, each with what was found and the frames to look up that no table of hops has.
 *
 * @param journey that they stand with, which need not be told again
 */
export function claimList(
  claims: readonly ClaimResult[],
  capture: string | undefined,
  journey?: JourneyResult,
): Markup | undefined {
  if (claims.length === 0) return undefined;
  return html`<ul class="claims">
${claims.map(({ text, holds, why, evidence }) => {
  const isInTable = (it: FrameReference) =>
    journey?.hops.some((hop) => hop.file === it.file && hop.frame === it.frame) ?? false;
  const lookUp = evidence.filter((reference) => !isInTable(reference));
  const frames = lookUp.map(({ point, frame }) => `${frame} at ${point}`).join(', ');
  return html`<li class="${holds ? 'holds' : 'broken'}"><span class="sign" aria-hidden="true">${holds ? '✓' : '✕'}</span><span class="hidden">${holds ? 'holds' : 'does not hold'}: </span>${text}${told(why, journey)}${frames === '' ? undefined : html`<span class="frames">${capture === undefined ? 'frame' : html`<a href="${capture}">frame</a>`} ${frames}</span>`}</li>
`;
})}</ul>`;
}

/** What was found, without the journey's name and end, which are told above it. */
function told(why: string, journey: JourneyResult | undefined): Markup | undefined {
  const start = journey ? `${journey.what}: ` : '';
  const end = journey ? `; ${journey.outcome.text}` : '';
  const bare = why.startsWith(start) ? why.slice(start.length) : why;
  const text = end !== '' && bare.endsWith(end) ? bare.slice(0, -end.length) : bare;
  return text === '' || text === journey?.outcome.text ? undefined : html`<span class="why">${text}</span>`;
}
