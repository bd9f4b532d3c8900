import { type Document, parseDocument, visit, type YAMLError } from 'yaml';
import { messageOf } from '../errors.ts';
import { type PlacedText, positionIn } from './positions.ts';

/** Aliases of aliases multiply: a kilobyte of them can stand for gigabytes of data. */
const mostAliases = 1000;

const inOurWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'found the same key twice in one mapping, expected it once; remove one',
  UNEXPECTED_TOKEN: 'found text that does not belong here, expected the lines before it to go on; look there',
  MULTIPLE_DOCS: 'found a second YAML document, expected one; remove the line ---',
};

/** A YAML text's structure, what is wrong with it, and its plain data if nothing is. */
export interface YamlText {
  readonly doc: Document;
  readonly flaws: readonly PlacedText[];
  readonly data: unknown;
}

/** Reads one YAML 1.2 document; never throws. */
export function readYaml(text: string): YamlText {
  const doc = parseDocument(text, { prettyErrors: false });
  const at = (offset: number, flaw: string): PlacedText => ({ ...positionIn(text, offset), text: flaw });
  const firstMisfit = doc.errors.find(isMisfit);
  const flaws = [...doc.errors, ...doc.warnings]
    .filter((flaw) => flaw === firstMisfit || !isMisfit(flaw))
    .map(({ code, message, pos }) =>
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
  if (flaws.length > 0) return { doc, flaws, data: undefined };
  try {
    return { doc, flaws, data: doc.toJS({ maxAliasCount: mostAliases }) };
  } catch (error) {
    const flaw = at(firstAlias ?? 0, `found aliases that cannot be followed: ${messageOf(error)}`);
    return { doc, flaws: [flaw], data: undefined };
  }
}

/** After one piece that fits nowhere nothing else does, and only the first is worth a line. */
function isMisfit(flaw: YAMLError): boolean {
  return flaw.code === 'UNEXPECTED_TOKEN';
}
