/** The most lines worth reading at once. */
const maxLines = 12;

/** What differs between two plain values, a line each: `path: before -> after`. */
export function differences(before: unknown, after: unknown): string[] {
  const lines = [...compare('', before, after)];
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines), `… and ${lines.length - maxLines} more`];
}

function* compare(path: string, before: unknown, after: unknown): Generator<string> {
  if (isFolder(before) && isFolder(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* compare(step(path, key, before), before[key], after[key]);
    }
  } else if (before !== after) {
    yield `${path}: ${show(before)} -> ${show(after)}`;
  }
}

function isFolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function step(path: string, key: string, within: unknown): string {
  if (Array.isArray(within)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
