import type { ProvisioningResult } from '../../scenarios/result.ts';
import { durationText } from '../amounts.ts';
import { html, type Markup } from './markup.ts';

const width = 400;
const columns = { name: 0, bar: 118, barWidth: 214, time: width } as const;
const rowHeight = 22;
/** Below a phase that has something to tell. */
const detailHeight = 13;

/** The phases of a provisioning as bars: each from the end of the one before it to when it was seen. */
export function timeline(provisioning: ProvisioningResult, id: string): Markup {
  const { node, driver, outcome, lastError, startedAt, phases } = provisioning;
  const start = Date.parse(startedAt);
  const ends = phases.map(({ at }) => Math.max(0, Date.parse(at) - start));
  const total = Math.max(1, ...ends);
  const scale = (ms: number) => Math.round((ms / total) * columns.barWidth * 10) / 10;
  let height = 0;
  const rows = phases.map(({ name, detail }, index) => {
    const from = Math.min(ends[index - 1] ?? 0, ends[index] ?? 0);
    const took = (ends[index] ?? 0) - from;
    const y = height;
    height += rowHeight + (detail === undefined ? 0 : detailHeight);
    return html`<g><text class="phase" x="${columns.name}" y="${y + 15}">${cut(name)}</text><path class="track" d="M${columns.bar} ${y + 11}h${columns.barWidth}"/><rect class="took" x="${columns.bar + scale(from)}" y="${y + 4}" width="${Math.max(1.5, scale(took))}" height="14" rx="2"/><text class="took-text" x="${columns.time}" y="${y + 15}" text-anchor="end">${durationText(took)}</text>${detail && html`<text class="detail" x="${columns.name}" y="${y + 27}">${detail}</text>`}</g>
`;
  });
  const ended = outcome === 'login prompt' ? 'to the login prompt' : outcome;
  const summary = `${node} by ${driver}: ${ended}${phases.length > 0 ? `, ${durationText(total)}` : ''}`;
  const told = phases.map(({ name }, index) => `${name} at ${durationText(ends[index] ?? 0)}`).join(', ');
  return html`<figure class="timeline"><figcaption>${summary}${lastError === null ? undefined : html`<span class="why">${lastError}</span>`}</figcaption>
${
  phases.length === 0
    ? undefined
    : html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${summary}</title><desc id="${id}-text">${told}</desc>
${rows}</svg>`
}</figure>`;
}

function cut(name: string): string {
  return name.length <= 18 ? name : `${name.slice(0, 17)}…`;
}
