import { expect, test } from 'vitest';
import { parseTopology } from '../../src/topology/parse.ts';
import { damagedAddresses } from './damaged/addresses.ts';
import { damagedForm } from './damaged/form.ts';
import { damagedReferences } from './damaged/references.ts';
import { refusalOf } from './refusal.ts';

/** The places that ▸ marks, as line:column, and the text without the marks. */
function marksOf(marked: string): { text: string; marks: string[] } {
  const pieces = marked.split('▸');
  let text = pieces[0] ?? '';
  const marks = pieces.slice(1).map((piece) => {
    const lines = text.split('\n');
    text += piece;
    return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
  });
  return { text, marks };
}

test.each([...damagedForm, ...damagedAddresses, ...damagedReferences])(
  'refuses $what, and says where and why',
  ({ text: marked, problems }) => {
    const { text, marks } = marksOf(marked);
    const lines = refusalOf(() => parseTopology(text, 'my/lab.yaml'));
    expect(lines).toEqual(problems.map((problem, index) => `my/lab.yaml:${marks[index]}: ${problem}`));
  },
);
