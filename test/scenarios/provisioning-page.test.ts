import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/*
 * A deployment takes too long for all of them to be run here; but what docs/scenarios.md shows of each can be held
 * against its file.
 */

const page = readFileSync('docs/scenarios.md', 'utf8');
const sources = readdirSync('scenarios')
  .map((file) => ({ name: file.replace(/\.ts$/, ''), text: readFileSync(join('scenarios', file), 'utf8') }))
  .filter(({ text }) => text.includes("tags: ['provisioning']"));

describe.each(sources)('$name', ({ name, text }) => {
  const section = page.split(/^### /m).find((each) => each.startsWith(`${name}\n`)) ?? '';
  const outcomes = [...(/outcomes: \{(.*)\}/.exec(text)?.[1] ?? '').matchAll(/(\w+): '([^']+)'/g)];

  test('is in the table with its outcomes', () => {
    const row = page.split('\n').find((line) => line.startsWith(`| [${name}](#${name})`)) ?? '';
    const shown = row.split('|').map((cell) => cell.trim());
    expect(Object.fromEntries(outcomes.map(([, topology, outcome]) => [topology, outcome]))).toEqual({
      flat: shown[2],
      ...(shown[3] ? { vlan: shown[3] } : {}),
    });
  });

  test('is shown to end as it declares, with its claims', () => {
    // Between them are the settings of a scenario that has some.
    for (const [, topology, outcome] of outcomes)
      expect(section).toMatch(new RegExp(`^on ${topology}(, .*)?: ${outcome}, as declared {2}PASS`, 'm'));
    const claims = [...text.matchAll(/run\.claim\(\s*'([^']+)',/g)].map(([, claim]) => claim);
    expect(claims.filter((claim) => !section.includes(`  ✓ ${claim}\n`))).toEqual([]);
  });
});
