import { mapOf, type PointMap } from '../../evidence/map.ts';
import { vlanText } from '../../evidence/outcome.ts';
import { type LabPlan, labPlan } from '../../lab/plan.ts';
import type { HopResult, JourneyResult } from '../../scenarios/result.ts';
import type { Topology } from '../../topology/schema.ts';
import { type FigureLayout, figureLayout, figureWidth } from './figure-layout.ts';
import { type At, figureWay, markAt, pathData, round, spelledOut } from './figure-way.ts';
import { html, Markup } from './markup.ts';
import { tagClass } from './tag.ts';

/** Draws journeys into the figures of their topologies; what several have in common is written once. */
export class Figures {
  private readonly plans = new Map<string, { readonly plan: LabPlan; readonly map: PointMap }>();
  /** What is written once: its id by its text. */
  private readonly shared = new Map<string, string>();
  private count = 0;

  /** The parts that figures refer to, to be written once in the document. */
  get definitions(): Markup {
    const groups = [...this.shared].map(([text, id]) => html`<g id="${id}">${new Markup(text)}</g>\n`);
    return html`<svg class="shared" width="0" height="0" aria-hidden="true" focusable="false"><defs>${groups}</defs></svg>`;
  }

  /** A journey's way through its lab: where it was seen, with which tag, and where it ended. */
  draw(journey: JourneyResult, topology: Topology): Markup {
    const { plan, map } = this.planOf(topology);
    const layout = figureLayout(plan, new Set(journey.hops.map(({ point }) => point)));
    const id = `figure-${++this.count}`;
    const seen = journey.hops.filter(({ aside }) => !aside);
    const { travelled, ahead, marks } = waysOf(journey, seen, map, layout);
    const guilty = guiltyBridge(journey);
    const bar = layout.bars.find(({ point }) => point === guilty);
    const isHop = new Set(journey.hops.map(({ point }) => point));
    return html`<svg class="figure" viewBox="0 0 ${figureWidth} ${layout.height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">The way of ${journey.what}</title>
<desc id="${id}-text">${description(seen, journey)}</desc>
<use href="#${this.share(background(layout))}"/>
${bar && html`<rect class="guilty" x="${round(bar.x)}" y="${bar.y}" width="${round(bar.width)}" height="${bar.height}" rx="5"/>`}
${ahead.length > 1 ? html`<path class="ahead" d="${pathData(ahead)}"/>` : undefined}
${travelled.length > 1 ? html`<path class="way" d="${pathData(travelled)}"/>` : undefined}
${layout.lines.flatMap(({ x, names }) => names.map(({ point, text, y }) => (text === '' || isHop.has(point) ? undefined : html`<text class="port" x="${round(x + 8)}" y="${round(y + 3.5)}">${text}</text>`)))}
${journey.hops.filter(({ aside }) => aside).map(({ point }) => asideMark(point, layout))}
${seen.map((hop, index) => hopMark(hop, index, marks.get(hop.point), topology))}
${bar && lossMark(travelled, ahead, isHop.has(bar.point))}
</svg>`;
  }

  private planOf(topology: Topology): { readonly plan: LabPlan; readonly map: PointMap } {
    const key = JSON.stringify(topology);
    const known = this.plans.get(key);
    if (known) return known;
    const plan = labPlan(topology);
    const made = { plan, map: mapOf(plan) };
    this.plans.set(key, made);
    return made;
  }

  private share({ text }: Markup): string {
    const id = this.shared.get(text) ?? `lab-${this.shared.size + 1}`;
    this.shared.set(text, id);
    return id;
  }
}

interface Ways {
  readonly travelled: readonly At[];
  /** What was before it when it was lost. */
  readonly ahead: readonly At[];
  readonly marks: ReadonlyMap<string, At>;
}

function waysOf(
  journey: JourneyResult,
  seen: readonly HopResult[],
  map: PointMap,
  layout: FigureLayout,
): Ways {
  const points = spelledOut(
    seen.map(({ point }) => point),
    map,
  );
  const last = points.at(-1);
  const isLost = journey.outcome.kind !== 'delivered' && last !== undefined;
  const guilty = guiltyBridge(journey) ?? last;
  const toGuilty = isLost && guilty ? map.way(last, guilty).slice(1) : [];
  const rest = isLost && guilty ? map.way(guilty, journey.to).slice(1) : [];
  const way = figureWay([...points, ...toGuilty, ...rest], layout);
  const end = isLost ? way.corners.findIndex(({ point }) => point === guilty) : way.corners.length;
  const before = way.corners.slice(0, end).flatMap(({ at }) => at);
  const [first, ...others] = way.corners.slice(end).flatMap(({ at }) => at);
  const entry = first ? [first] : [];
  const marks = seen.flatMap(({ point }) => {
    const ends = isLost && point === way.corners[end]?.point;
    const at = ends ? first : markAt(way, point);
    return at ? [[point, at] as const] : [];
  });
  return { travelled: [...before, ...entry], ahead: [...entry, ...others], marks: new Map(marks) };
}

function guiltyBridge({ outcome }: JourneyResult): string | undefined {
  return outcome.kind === 'dropped' || outcome.kind === 'misdirected'
    ? `devstack/${outcome.bridge}`
    : undefined;
}

function description(seen: readonly HopResult[], { outcome }: JourneyResult): string {
  const hops = seen.map(({ point, label, vlan }, index) => {
    return `${index + 1}: ${point}${label === undefined ? '' : ` (${label})`}, ${vlanText(vlan)}`;
  });
  return `${hops.join('; ')}; ${outcome.text}`;
}

/** Hosts, bridges, boxes and cables, without what was seen. */
function background({ hosts, boxes, bars, lines }: FigureLayout): Markup {
  return html`${hosts.map(({ x, y, width, height, title }) => html`<rect class="host" x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" rx="8"/><text class="host-name" x="${x + 12}" y="${y + 17}">${title}</text>`)}${lines.map(({ x, from, to }) => html`<path class="cable" d="M${round(x)} ${from}V${to}"/>`)}${bars.map(({ x, y, width, height, title }) => html`<rect class="bar" x="${round(x)}" y="${y}" width="${round(width)}" height="${height}" rx="5"/><text class="bar-name" x="${round(x + width - 8)}" y="${y + height / 2 + 4}" text-anchor="end">${title}</text>`)}${boxes.map(({ x, y, width, height, title, text }) => html`<rect class="box" x="${round(x)}" y="${y}" width="${round(width)}" height="${height}" rx="5"/><text class="box-name" x="${round(x + 7)}" y="${y + (height > 30 ? 17 : height / 2 + 4)}">${title}</text>${text === undefined ? undefined : html`<text class="box-text" x="${round(x + 7)}" y="${y + 32}">${text}</text>`}`)}`;
}

/** A numbered mark, as in the table, with the tag beside it. */
function hopMark(
  { vlan }: HopResult,
  index: number,
  at: At | undefined,
  topology: Topology,
): Markup | undefined {
  if (!at) return undefined;
  const text = vlanText(vlan);
  const width = text.length * 5.8 + 10;
  const left = at.x + 12 + width > figureWidth - 4 ? at.x - 12 - width : at.x + 12;
  return html`<g class="hop ${tagClass(vlan, topology)}"><rect x="${round(left)}" y="${round(at.y - 8)}" width="${round(width)}" height="16" rx="8"/><text class="tag" x="${round(left + width / 2)}" y="${round(at.y + 3.5)}" text-anchor="middle">${text}</text><circle cx="${round(at.x)}" cy="${round(at.y)}" r="8.5"/><text class="number" x="${round(at.x)}" y="${round(at.y + 3.5)}" text-anchor="middle">${index + 1}</text></g>
`;
}

/** Where it was flooded as well. */
function asideMark(point: string, { places }: FigureLayout): Markup | undefined {
  const place = places.get(point);
  if (place?.kind !== 'port') return undefined;
  return html`<circle class="aside" cx="${round(place.x)}" cy="${round(place.y)}" r="4"/>`;
}

/** A cross where it was lost; beside the last mark, if that is there. */
function lossMark(travelled: readonly At[], ahead: readonly At[], beside: boolean): Markup | undefined {
  const end = travelled.at(-1);
  if (!end) return undefined;
  const towards = Math.sign((ahead.find(({ x }) => x !== end.x)?.x ?? end.x - 1) - end.x);
  const x = round(beside ? end.x + towards * (towards > 0 ? 84 : 24) : end.x);
  const y = round(end.y);
  return html`<g class="loss"><circle cx="${x}" cy="${y}" r="9"/><path d="M${x - 4} ${y - 4}l8 8m0-8l-8 8"/></g>`;
}
