import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as api from '../../src/scenarios/api.ts';
import { LabCommand } from '../lab-command.ts';
import { complaint, runScenario } from './document.ts';

const page = readFileSync('docs/writing-a-scenario.md', 'utf8');
const lab = new LabCommand();
const folder = join(lab.home, 'user');

beforeAll(() => {
  mkdirSync(join(folder, 'scenarios'), { recursive: true });
  const [, example = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  writeFileSync(join(folder, 'scenarios', 'mine.ts'), example);
});
afterAll(() => lab.end());

test("the page's example passes on both topologies", async () => {
  const { runs } = await runScenario(lab, ['mine'], { cwd: folder });
  expect(runs.map(complaint)).toEqual(['pass', 'pass']);
});

test('the page names everything that a scenario can import', () => {
  const values = Object.keys(api).filter((name) => !page.includes(name));
  expect(values).toEqual([]);
});
