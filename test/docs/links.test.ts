import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Page, readPages } from './pages.ts';

const pages = readPages();

/** The parts of a page that can be linked to, named as GitHub does. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenLinks({ path, text }: Page): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const linked = file === '' ? path : join(dirname(path), file);
    if (!existsSync(linked)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(linked, 'utf8')).includes(anchor);
  });
}

test('every link leads somewhere', () => {
  const broken = pages.flatMap((page) => brokenLinks(page).map((target) => `${page.path}: ${target}`));
  expect(pages.flatMap(({ text }) => text.match(/\]\([^)\s]+\)/g) ?? []).length).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});

test('every page can be reached from the README', () => {
  const reached = new Set<string>();
  const queue = ['README.md'];
  for (const path of queue) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = pages.find((page) => page.path === path)?.text ?? '';
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s#]+\.md)[^)]*\)/g)) {
      queue.push(join(dirname(path), target));
    }
  }
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});
