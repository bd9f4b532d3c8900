import type { PointMap } from '../../evidence/map.ts';
import type { FigureLayout } from './figure-layout.ts';

/** A position in a figure. */
export interface At {
  readonly x: number;
  readonly y: number;
}

/** A way through a figure: for each point that the figure has the corners by which it is passed. */
export interface FigureWay {
  readonly corners: readonly { readonly point: string; readonly at: readonly At[] }[];
}

/** All points between points that were seen one after the other, as far as the map knows them. */
export function spelledOut(points: readonly string[], map: PointMap): string[] {
  return points.flatMap((point, index) => {
    const next = points[index + 1];
    const between = next === undefined ? [] : map.way(point, next).slice(1, -1);
    return [point, ...between];
  });
}

/** A bar is entered below or above where the way comes from, and left where it goes on. */
export function figureWay(points: readonly string[], { places, routers }: FigureLayout): FigureWay {
  const known = points.filter((point) => places.has(point));
  const corners: { readonly point: string; readonly at: At[] }[] = [];
  let last: At | undefined;
  for (const [index, point] of known.entries()) {
    const place = places.get(point);
    if (!place) continue;
    const at: At[] = [];
    if (place.kind === 'bar') {
      const next = known.slice(index + 1).map((it) => places.get(it));
      const out = next[0]?.kind === 'port' ? next[0].x : undefined;
      const { bar } = place;
      const entry = last?.x ?? out ?? bar.x + bar.width / 2;
      const y = bar.y + bar.height / 2;
      at.push({ x: entry, y });
      if (out !== undefined && out !== entry) at.push({ x: out, y });
    } else {
      const before = known[index - 1] ?? '';
      const router = routers.find((it) => it.points.includes(point) && it.points.includes(before));
      if (router && last) at.push({ x: last.x, y: router.y }, { x: place.x, y: router.y });
      else if (last && last.x !== place.x)
        at.push({ x: last.x, y: (last.y + place.y) / 2 }, { x: place.x, y: (last.y + place.y) / 2 });
      at.push({ x: place.x, y: place.y });
    }
    last = at.at(-1);
    corners.push({ point, at });
  }
  return { corners };
}

/** Where a point's mark stands on a way: in the middle of what is crossed of a bar. */
export function markAt({ corners }: FigureWay, point: string): At | undefined {
  const found = corners.find((corner) => corner.point === point)?.at;
  const [first, second] = found ?? [];
  if (!first || !second || first.y !== second.y) return found?.at(-1);
  return found?.length === 2 ? { x: (first.x + second.x) / 2, y: first.y } : found?.at(-1);
}

/** A path of SVG through positions. */
export function pathData(positions: readonly At[]): string {
  return positions.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
