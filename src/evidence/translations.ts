/** A flow by the hashes of its two ends. */
type Flow = readonly [source: number, destination: number];

/** How long a router keeps a translation that is not used: conntrack's shortest, that of UDP. In nanoseconds. */
const lifetime = 30e9;

/** The translations that SNAT was seen to make: each flow has one, and each translated flow one origin. */
export class Translations {
  private readonly targets = new Map<string, { readonly to: string; time: number }>();
  private readonly origins = new Map<string, { readonly to: string; time: number }>();

  /** Whether `to` is the translation of `from`; undefined when neither has one. */
  compare(from: Flow, to: Flow, time: number): boolean | undefined {
    const target = fresh(this.targets.get(text(from)), time);
    const origin = fresh(this.origins.get(text(to)), time);
    if (target === undefined && origin === undefined) return undefined;
    return target === text(to) && origin === text(from);
  }

  /** Notes a translation, and that of the answers, which is its reverse. */
  learn(from: Flow, to: Flow, time: number): void {
    this.note(text(from), text(to), time);
    this.note(text([to[1], to[0]]), text([from[1], from[0]]), time);
  }

  private note(from: string, to: string, time: number): void {
    this.targets.set(from, { to, time });
    this.origins.set(to, { to: from, time });
  }
}

function text([source, destination]: Flow): string {
  return `${source} ${destination}`;
}

function fresh(
  known: { readonly to: string; readonly time: number } | undefined,
  time: number,
): string | undefined {
  return known && Math.abs(time - known.time) < lifetime ? known.to : undefined;
}
