import type { z } from 'zod';
import type { Path } from './positions.ts';
import { closest } from './suggest.ts';

/** One thing that is wrong in a topology file. */
export interface Problem {
  readonly path: Path;
  /** Whether the key or the value at `path` is shown to the reader. */
  readonly at: 'key' | 'value';
  /** What was found, what was expected, what to do. */
  readonly text: string;
}

export function problem(path: Path, text: string, at: Problem['at'] = 'value'): Problem {
  return { path, at, text };
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
      if (found === undefined) return [problem(issue.path.slice(0, -1), missingKey(issue.path, expected))];
      return [problem(issue.path, `found ${show(found)}, expected ${expected}`)];
  }
}

function unknownKey(key: string, holder: unknown, known: string): string {
  if (key === 'segmentation_id' && valueAt(holder, ['network_type']) === 'flat') {
    return (
      'found segmentation_id on a flat network, whose frames carry no segment id; ' +
      'remove it, or make network_type vlan'
    );
  }
  const meant = closest(key, known.split(', '));
  const advice = meant === undefined ? 'remove it' : `did you mean "${meant}"?`;
  return `found the unknown key ${show(key)}, expected one of ${known}; ${advice}`;
}

function missingKey(path: Path, expected: string): string {
  return `found no ${String(path.at(-1))}, expected ${expected}; add it`;
}

function choice(path: Path, found: unknown, choices: string): string {
  const expected = choices.includes(', ') ? `one of ${choices}` : choices;
  if (found === undefined) return missingKey(path, expected);
  const meant = typeof found === 'string' ? closest(found, choices.split(', ')) : undefined;
  return `found ${show(found)}, expected ${expected}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

/** A value of the file as a reader would recognise it: short, and no more than the one value. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
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
