import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BundleDraft } from '../../src/bundle/draft.ts';
import { Redaction } from '../../src/bundle/redaction.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lab-bundles-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

function bundle(content: string): string {
  const draft = new BundleDraft(parent, 'mine');
  draft.addJson('result.json', { schema: 'lab/bundle/1', content });
  return draft.finish(new Redaction());
}

it('is not there before it is whole', () => {
  const draft = new BundleDraft(parent, 'mine');
  draft.add('a/b.txt', 'text');
  expect(existsSync(join(parent, 'mine'))).toBe(false);
  draft.finish(new Redaction());
  expect(readFileSync(join(parent, 'mine', 'a', 'b.txt'), 'utf8')).toBe('text');
  expect(readdirSync(parent)).toEqual(['mine']);
});

it('leaves nothing when it is abandoned', () => {
  new BundleDraft(parent, 'mine').abandon();
  expect(readdirSync(parent)).toEqual([]);
});

it('takes the place of the bundle of a run before', () => {
  const [first, second] = [bundle('first'), bundle('second')];
  expect(second).toBe(first);
  expect(readFileSync(join(second, 'result.json'), 'utf8')).toContain('second');
  expect(readdirSync(parent)).toEqual(['mine']);
});

it("goes beside somebody's folder of that name", () => {
  mkdirSync(join(parent, 'mine'));
  writeFileSync(join(parent, 'mine', 'letter.txt'), 'precious');
  expect(bundle('new')).toBe(join(parent, 'mine-2'));
  expect(readFileSync(join(parent, 'mine', 'letter.txt'), 'utf8')).toBe('precious');
});

it('notes what could not be had and goes on', async () => {
  const draft = new BundleDraft(parent, 'mine');
  await draft.attempt('the moon', () => {
    throw new Error('too far');
  });
  expect(draft.problems).toEqual(['the moon: too far']);
  draft.abandon();
});

it('removes what a process has left that was killed, and nobody else', () => {
  mkdirSync(join(parent, '.mine.draft-999999999-1'));
  mkdirSync(join(parent, `.other.draft-1-${'1'.repeat(18)}`));
  mkdirSync(join(parent, '.git'));
  bundle('new');
  expect(readdirSync(parent).sort()).toEqual(['.git', 'mine']);
});
