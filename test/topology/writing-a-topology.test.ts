import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { refusalOf } from './refusal.ts';

const page = readFileSync('docs/writing-a-topology.md', 'utf8');
const [smallest = '', everything = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, text = '']) => text,
);

/** The names of all keys in a JSON Schema. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(keysIn)];
}

test('the page names every key, and its full example uses every key', () => {
  const keys = new Set(keysIn(topologyJsonSchema()));
  expect(keys.size).toBeGreaterThan(40);
  const tables = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(tables))).toEqual([]);
  expect([...keys].filter((key) => !new RegExp(`\\b${key}:`).test(everything))).toEqual([]);
});

test("the page's examples are correct", () => {
  expect(parseTopology(smallest, 'mine.yaml').servers).toHaveLength(1);
  expect(parseTopology(everything, 'mine.yaml').servers).toHaveLength(14);
});

test("the page's error message is what a reader gets", () => {
  const damaged = smallest
    .replace('network_type: flat', 'network_type: flatt')
    .replace('kind: namespace', 'kind: namespace, vlann: 7');
  const shown = /```text\n.*?\n(.*?)\n```/s.exec(page)?.[1];
  expect(refusalOf(() => parseTopology(damaged, 'topologies/mine.yaml')).join('\n')).toBe(shown);
});
