import type { NumberedLine } from './shell-assignments.ts';

/** The lines of a localrc, and the sections of a local.conf that are none of it. */
export interface LocalrcText {
  readonly lines: readonly NumberedLine[];
  readonly otherSections: readonly { readonly name: string; readonly line: number }[];
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

/**
 * Takes the localrc out of a file: the section `[[local|localrc]]` of a local.conf (DevStack since Icehouse), or the
 * whole of a file without such headings.
 */
export function localrcOf(text: string): LocalrcText {
  const lines = text.split(/\r?\n/).map((content, index) => ({ line: index + 1, text: content }));
  const headings = lines.filter((it) => it.text.trimStart().startsWith('[['));
  if (headings.length === 0) return { lines, otherSections: [], problems: [] };
  const kept: NumberedLine[] = [];
  const otherSections: { name: string; line: number }[] = [];
  const problems: { line: number; text: string }[] = [];
  let inLocalrc = false;
  let before = true;
  for (const { line, text: content } of lines) {
    const trimmed = content.trim();
    if (!trimmed.startsWith('[[')) {
      if (inLocalrc) kept.push({ line, text: content });
      else if (before && trimmed !== '' && !trimmed.startsWith('#')) {
        problems.push({
          line,
          text: 'found a line before the first section, expected [[local|localrc]]; move the line below it',
        });
        before = false;
      }
      continue;
    }
    before = false;
    const [, section] = /^\[\[\s*([^[\]|]+\|[^[\]|]+)\s*\]\]$/.exec(trimmed) ?? [];
    if (section === undefined) {
      problems.push({
        line,
        text: 'found a heading that is none, expected [[group|file]], such as [[local|localrc]]; correct it',
      });
    }
    inLocalrc = section?.replaceAll(/\s/g, '') === 'local|localrc';
    if (section !== undefined && !inLocalrc) otherSections.push({ name: section, line });
  }
  if (!headings.some((it) => /^\s*\[\[\s*local\s*\|\s*localrc\s*\]\]/.test(it.text))) {
    problems.push({ line: 0, text: 'found no section [[local|localrc]]; add it above the assignments' });
  }
  return { lines: kept, otherSections, problems };
}
