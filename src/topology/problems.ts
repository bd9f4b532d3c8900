import type * as z from 'zod';
import type { Path } from './positions.ts';
import { closest } from './suggest.ts';

/** One thing that is wrong in a topology file. */
export interface Problem {
  readonly path: Path;
  /** Whether the key or the value at `path` is shown to the reader. */
  readonly at: 'key' | 'value';
  /** What was found, what was expected, what to do. */
  readonly text: string;
  /** Another place that the reader has to see. */
  readonly other: Path | undefined;
}

export function problem(path: Path, text: string, at: Problem['at'] = 'value', other?: Path): Problem {
  return { path, at, text, other };
}

/** A name that nothing has. */
export function undefinedName(path: Path, what: string, name: string, defined: readonly string[]): Problem {
  const expected = defined.length > 0 ? `expected one of ${defined.join(', ')}` : 'none is defined';
  return problem(path, `found ${what} ${show(name)}, ${expected}${suggestion(name, defined)}`);
}

/** Something that may be there once only. */
export interface Unique {
  readonly key: string;
  readonly path: Path;
  /** Who has it, in words. */
  readonly owner?: string;
}

/** One problem for each thing that is there again. */
export function duplicates(what: string, found: readonly Unique[]): Problem[] {
  const first = new Map<string, Unique>();
  return found.flatMap((item) => {
    const earlier = first.get(item.key);
    if (earlier === undefined) {
      first.set(item.key, item);
      return [];
    }
    const text = earlier.owner
      ? `found ${what} ${item.key}, which ${earlier.owner} has already; choose another`
      : `found ${what} ${item.key} a second time; change one of the two`;
    return [problem(item.path, text, 'value', earlier.path)];
  });
}

/** What the schema found wrong, in the words of its `error` messages (see schema.ts). */
export function describeIssue(issue: z.core.$ZodIssue, data: unknown): Problem[] {
  const found = valueAt(data, issue.path);
  const expected = issue.message;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => problem([...issue.path, key], unknownKey(key, found, expected), 'key'));
    case 'invalid_key':
      return [
        problem(issue.path, `found ${show(issue.path.at(-1))}, expected ${issue.issues[0]?.message}`, 'key'),
      ];
    case 'invalid_value':
    case 'invalid_union':
      return [problem(issue.path, choice(issue.path, found, expected))];
    default:
      if (issue.path.length === 0)
        return [problem([], `found ${show(found)}, expected ${expected} with networks`)];
      if (found === undefined) return [problem(issue.path.slice(0, -1), missingKey(issue.path, expected))];
      return [problem(issue.path, `found ${show(found)}, expected ${expected}${emptyAdvice(found)}`)];
  }
}

function unknownKey(key: string, holder: unknown, known: string): string {
  const type = String(valueAt(holder, ['network_type']));
  if (key === 'segmentation_id' && (type === 'flat' || type === 'local')) {
    return (
      `found segmentation_id on a ${type} network, whose frames carry no segment id; ` +
      'remove it, or make network_type vlan'
    );
  }
  if (key === 'physical_network' && /^(gre|vxlan|local)$/.test(type)) {
    return `found physical_network on a ${type} network, which is on no wire; remove it, or make network_type flat or vlan`;
  }
  const advice = suggestion(key, known.split(', ')) || `, expected one of ${known}; remove it`;
  return `found the unknown key ${show(key)}${advice}`;
}

/** An empty value is often a key whose value was forgotten. */
function emptyAdvice(found: unknown): string {
  return found === null ? '; write a value, or remove the key' : '';
}

function missingKey(path: Path, expected: string): string {
  return `found no ${String(path.at(-1))}, expected ${expected}; add it`;
}

function choice(path: Path, found: unknown, choices: string): string {
  const expected = choices.includes(', ') ? `one of ${choices}` : choices;
  if (found === undefined) return missingKey(path, expected);
  return `found ${show(found)}, expected ${expected}${suggestion(String(found), choices.split(', '))}`;
}

function suggestion(word: string, candidates: readonly string[]): string {
  const meant = closest(word, candidates);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** A value of the file as a reader would recognise it: short, and no more than the one value. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length > 0 ? 'a list' : 'an empty list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The value at `path` in plain data, or undefined. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    data,
  );
}
