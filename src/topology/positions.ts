import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** Where a value stands in the data of a file: keys of mappings and indexes of lists. */
export type Path = readonly PropertyKey[];

/** A place in a text; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something to say about a place. */
export interface PlacedText extends Position {
  readonly text: string;
}

/**
 * Where the value at `path` is written or, if `at` is `key`, its key. A value that is not there has the position
 * of what should hold it.
 */
export function positionOf(doc: Document, text: string, path: Path, at: 'key' | 'value'): Position {
  let node = resolved(doc, doc.contents);
  let offset = startOf(node) ?? 0;
  path.forEach((step, index) => {
    const child = childOf(node, step);
    const last = index === path.length - 1;
    node = resolved(doc, child?.value);
    offset = (last && at === 'key' ? undefined : startOf(child?.value)) ?? startOf(child?.key) ?? offset;
  });
  return positionIn(text, offset);
}

/** The place of a character. The counter of the YAML library goes wrong behind text that fits nowhere. */
export function positionIn(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function childOf(node: unknown, step: PropertyKey): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) return { key: undefined, value: node.items[Number(step)] };
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
  return pair && { key: pair.key, value: pair.value };
}

function resolved(doc: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(doc) : node;
}

/** An empty value has a node of no length, whose position is of no use to a reader. */
function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range && range[1] > range[0] ? range[0] : undefined;
}
