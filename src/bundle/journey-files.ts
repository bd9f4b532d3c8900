import { stripVTControlCharacters } from 'node:util';
import { describeJourneys, joinFiles } from '../evidence/file-journeys.ts';
import { frameText } from '../report/frame-text.ts';
import { journeyJson, journeyText } from '../report/journeys-text.ts';
import type { BundleDraft } from './draft.ts';

/** A deployment's image alone is tens of thousands; nobody reads so many. */
const most = 20_000;

/** Adds the journeys of all frames of a capture as text and as JSON lines. */
export async function addJourneys(draft: BundleDraft, capture: string): Promise<void> {
  const joined = await joinFiles([capture]);
  const texts = await describeJourneys(joined, frameText);
  const lines: string[] = [];
  const objects: string[] = [];
  for (const [index, journey] of joined.journeys.slice(0, most).entries()) {
    const described = { journey, frame: texts[index] ?? '' };
    lines.push(stripVTControlCharacters(journeyText(joined, described)));
    // The capture is beside it, wherever the bundle is moved.
    objects.push(journeyJson(joined, described).replaceAll(JSON.stringify(capture), '"captures.pcapng"'));
  }
  if (joined.journeys.length > most) {
    lines.push(`and ${joined.journeys.length - most} more: lab analyze --journeys captures.pcapng\n`);
  }
  draft.add('journeys.txt', lines.join(''));
  draft.add('journeys.jsonl', objects.join(''));
}
