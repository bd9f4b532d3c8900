/** `NAME=value` as it stands in a file that a shell would source. */
export interface Assignment {
  readonly name: string;
  /** What the shell would assign; undefined where that depends on a variable the file does not set. */
  readonly value: string | undefined;
  readonly line: number;
}

/** A line of a file, with its number counted from 1. */
export interface NumberedLine {
  readonly line: number;
  readonly text: string;
}

/** What a file of assignments says. */
export interface ShellAssignments {
  /** In the order of the file. */
  readonly assignments: readonly Assignment[];
  /** DevStack's own functions that the file calls, such as `enable_service`. They are not carried out. */
  readonly calls: readonly { readonly name: string; readonly line: number }[];
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

/** What DevStack lets a localrc call. */
const devstackCalls = [
  'enable_service',
  'disable_service',
  'disable_all_services',
  'enable_plugin',
  'use_library_from_git',
];

/**
 * Reads shell assignments without a shell: comments, quotes, `export`, continued lines, and references to variables
 * that were set further up (`$NAME`, `${NAME}`, `${NAME:-default}`). Anything that would have to be executed is a
 * problem. Never throws, and no problem repeats a value: it may be a password.
 */
export function readAssignments(lines: readonly NumberedLine[]): ShellAssignments {
  const values = new Map<string, string | undefined>();
  const assignments: Assignment[] = [];
  const calls: { name: string; line: number }[] = [];
  const problems: { line: number; text: string }[] = [];
  for (const { line, text } of joinContinued(lines)) {
    const statement = text.trim().replace(/^export\s+(?=\w+\+?=)/, '');
    if (statement === '' || statement.startsWith('#')) continue;
    const [, call] = /^(\w+)(?:\s|$)/.exec(statement) ?? [];
    if (call !== undefined && devstackCalls.includes(call)) {
      calls.push({ name: call, line });
      continue;
    }
    const [, name, append, rest] = /^([A-Za-z_]\w*)(\+?)=(.*)$/s.exec(statement) ?? [];
    if (name === undefined || rest === undefined) {
      problems.push({ line, text: notAnAssignment(statement) });
      continue;
    }
    const word = readWord(rest, values);
    if ('flaw' in word) {
      problems.push({ line, text: `${name} ${word.flaw}` });
      continue;
    }
    const before = append ? (values.has(name) ? values.get(name) : '') : '';
    const value = before === undefined || word.value === undefined ? undefined : before + word.value;
    values.set(name, value);
    assignments.push({ name, value, line });
  }
  return { assignments, calls, problems };
}

function notAnAssignment(statement: string): string {
  if (/^[A-Za-z_]\w*\s+=|^[A-Za-z_]\w*\s*:/.test(statement)) {
    return 'found a name and a value that no "=" joins; write NAME=value without spaces around the "="';
  }
  return 'found a line that is no assignment, expected NAME=value; nothing in the file is executed: remove the line';
}

/** A line that ends in a backslash goes on in the next. */
function* joinContinued(lines: readonly NumberedLine[]): Generator<NumberedLine> {
  let held: NumberedLine | undefined;
  for (const { line, text } of lines) {
    const joined: NumberedLine = held ? { line: held.line, text: held.text + text } : { line, text };
    const isComment = /^\s*#/.test(joined.text);
    if (!isComment && /(^|[^\\])(\\\\)*\\$/.test(joined.text)) {
      held = { line: joined.line, text: joined.text.slice(0, -1) };
      continue;
    }
    held = undefined;
    yield joined;
  }
  if (held) yield held;
}

type Word = { readonly value: string | undefined } | { readonly flaw: string };

/** The one word behind the "=", as POSIX 2.2 and 2.6 read it. */
function readWord(text: string, values: ReadonlyMap<string, string | undefined>): Word {
  let value: string | undefined = '';
  let at = 0;
  const add = (piece: string | undefined) => {
    value = value === undefined || piece === undefined ? undefined : value + piece;
  };
  let quoted = false;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "'" && !quoted) {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return { flaw: 'has a quote that is not closed; add the closing one' };
      add(text.slice(at + 1, end));
      at = end + 1;
    } else if (character === '"') {
      quoted = !quoted;
      at++;
    } else if (character === '\\') {
      add(text.charAt(at + 1));
      at += 2;
    } else if (character === '$') {
      const reference = readReference(text, at, values);
      if ('flaw' in reference) return reference;
      add(reference.value);
      at = reference.end;
    } else if (character === '`') {
      return { flaw: executes };
    } else if (!quoted && /\s/.test(character)) {
      if (/^\s*(#.*)?$/s.test(text.slice(at))) break;
      return {
        flaw: 'has a second word after its value; put the value in quotes, or one assignment on a line',
      };
    } else if (!quoted && /[;&|<>()]/.test(character)) {
      return { flaw: `has a "${character}" outside quotes; put the value in quotes` };
    } else {
      add(character);
      at++;
    }
  }
  return quoted ? { flaw: 'has a quote that is not closed; add the closing one' } : { value };
}

const executes = 'would have to execute a command to be known; write the value itself';

function readReference(
  text: string,
  at: number,
  values: ReadonlyMap<string, string | undefined>,
): { readonly value: string | undefined; readonly end: number } | { readonly flaw: string } {
  const rest = text.slice(at);
  if (rest.startsWith('$(')) return { flaw: executes };
  const plain = /^\$([A-Za-z_]\w*)/.exec(rest);
  if (plain) return { value: values.get(plain[1] ?? ''), end: at + plain[0].length };
  const braced = /^\$\{([A-Za-z_]\w*)(?::?-([^}$`]*))?\}/.exec(rest);
  if (braced) {
    const [whole, name = '', fallback] = braced;
    return { value: values.get(name) || fallback || values.get(name), end: at + whole.length };
  }
  if (rest.startsWith('${')) {
    return {
      flaw: 'has an expansion other than of a name with or without a default; write the value itself',
    };
  }
  return { value: '$', end: at + 1 };
}
