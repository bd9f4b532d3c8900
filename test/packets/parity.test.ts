import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CorpusFile, corpus } from './corpus.ts';
import { compareWithTshark, factNames, isExplained } from './parity.ts';

/**
 * Our decoders against tshark, frame by frame, over every theme of traffic on every link type and in every file
 * format. Where bytes are missing or contradict themselves the two may differ, for the reasons listed here.
 */

const mayBeDamaged = /^(malformed|everything|cut-at)-/;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parity-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function unexplained({ name, content }: CorpusFile, agreed: Set<string>): Promise<string[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const comparison = await compareWithTshark(path);
  rmSync(path);
  for (const fact of comparison.agreed) agreed.add(fact);
  return comparison.differences
    .filter((difference) => !mayBeDamaged.test(name) || !isExplained(difference))
    .map(
      ({ frame, fact, ours, theirs, error }) =>
        `${name} frame ${frame} ${fact}: ${ours} | tshark ${theirs} | ${error}`,
    );
}

describe('the corpus', () => {
  const files = corpus();

  test('has at least 200 files', () => {
    expect(files.length).toBeGreaterThanOrEqual(200);
  });

  test('is decoded as tshark decodes it', { timeout: 300_000 }, async () => {
    const left = [...files];
    const found: string[] = [];
    const agreed = new Set<string>();
    // Two at once: tshark takes a quarter of a second to start.
    const work = async () => {
      for (let file = left.pop(); file; file = left.pop()) found.push(...(await unexplained(file, agreed)));
    };
    await Promise.all([work(), work()]);
    expect(found).toEqual([]);
    expect(factNames.filter((name) => !agreed.has(name))).toEqual([]);
  });
});
