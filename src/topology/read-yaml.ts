import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { messageOf } from '../errors.ts';
import type { PlacedText } from './positions.ts';

/** Aliases of aliases multiply: a kilobyte of them can stand for gigabytes of data. */
const mostAliases = 1000;

const inOurWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'found the same key twice in one mapping, expected it once; remove one',
  MULTIPLE_DOCS: 'found a second YAML document, expected one; remove the line ---',
};

/** A YAML text, where its parts stand, and its plain data unless it has flaws. */
export interface YamlText {
  readonly doc: Document;
  readonly lines: LineCounter;
  readonly flaws: readonly PlacedText[];
  readonly data: unknown;
}

/** Reads one YAML 1.2 document; never throws. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, flaw: string): PlacedText => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, text: flaw };
  };
  const flaws = [...doc.errors, ...doc.warnings].map(({ code, message, pos }) =>
    at(pos[0], inOurWords[code] ?? `found text that is not YAML: ${message}`),
  );
  let firstAlias: number | undefined;
  visit(doc, {
    Alias(_, alias) {
      const offset = alias.range?.[0] ?? 0;
      firstAlias ??= offset;
      if (alias.resolve(doc) !== undefined) return;
      flaws.push(at(offset, `found *${alias.source}, but no &${alias.source} before it; add the anchor`));
    },
  });
  if (flaws.length > 0) return { doc, lines, flaws, data: undefined };
  try {
    return { doc, lines, flaws, data: doc.toJS({ maxAliasCount: mostAliases }) };
  } catch (error) {
    const flaw = at(firstAlias ?? 0, `found aliases that cannot be followed: ${messageOf(error)}`);
    return { doc, lines, flaws: [flaw], data: undefined };
  }
}
