import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CorpusFile, corpus } from './corpus.ts';
import { compareWithTshark, type Difference, factNames } from './parity.ts';

/**
 * Our decoders against tshark, frame by frame, over every theme of traffic on every link type and in every file
 * format. Where bytes are missing or contradict themselves the two may differ, for the reasons listed here.
 */

/** Differences of damaged frames that are explained; anything else fails. */
const explained: readonly { readonly reason: string; readonly holds: (difference: Difference) => boolean }[] =
  [
    {
      reason:
        'tshark gives single fields of a header that is not whole; here a header is given whole or not at all',
      holds: ({ ours, theirs, error }) =>
        error !== undefined && /cut short|exceeds|overflow/.test(error) && isWithin(ours, theirs),
    },
    {
      reason:
        'tshark gives nothing of a message that is cut or contradicts itself; here what is there is given',
      holds: ({ ours, theirs, error }) => error !== undefined && isWithin(theirs, ours),
    },
    {
      reason: 'tshark takes no note of a TFTP request that the capture cut, and so does not see the transfer',
      holds: ({ fact, theirs }) => fact.startsWith('tftp.') && theirs === '',
    },
  ];

/** Whether the values of `part` are all among those of `whole`. */
function isWithin(part: string, whole: string): boolean {
  const values = whole.split(' ');
  return part === '' || part.split(' ').every((value) => values.includes(value));
}

const mayBeDamaged = /^(malformed|cut-at)-/;

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
    .filter((difference) => !mayBeDamaged.test(name) || !explained.some(({ holds }) => holds(difference)))
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
