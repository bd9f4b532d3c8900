import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { chooseScenarios } from '../../src/suite/choose.ts';
import { planSuite, type SuiteChoice } from '../../src/suite/plan.ts';
import { makeOwnFolder } from './own-scenarios.ts';

const cwd = mkdtempSync(join(tmpdir(), 'lab-own-'));
const folders = { cwd, packageRoot: process.cwd() };
const all: SuiteChoice = { patterns: [], topologies: undefined, tags: undefined, without: [] };

beforeAll(() => {
  vi.stubEnv('LAB_HOME', join(cwd, 'home'));
  makeOwnFolder(cwd);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true });
});

const chosen = (...patterns: string[]) => chooseScenarios(patterns, folders).map(({ name }) => name);
const planned = async (choice: Partial<SuiteChoice>) =>
  (await planSuite({ ...all, ...choice }, folders)).map(({ id }) => id);

test('without a pattern: what ships, and the own ones', () => {
  expect(chosen()).toEqual(expect.arrayContaining(['dhcp-from-physical', 'holds', 'fails']));
});

test('a folder is what lies in it', () => {
  expect(chosen('./scenarios')).not.toContain('dhcp-from-physical');
  expect(chosen('scenarios/')).toContain('holds');
});

test('a name, a pattern, a path; each scenario once, sorted', () => {
  expect(chosen('throws', 'holds*', 'scenarios/holds.ts', 'd?es')).toEqual([
    'dies',
    'holds',
    'holds-too',
    'throws',
  ]);
});

test('a point is a point in a pattern', () => {
  expect(() => chosen('hold.*')).toThrow(/no scenario's name matches "hold\.\*"/);
});

test.each([
  ['hold', /there is no scenario "hold"; did you mean "holds"\?/],
  ['x*', /no scenario's name matches "x\*"/],
  ['./topologies', /there is no scenario in the folder/],
  ['./nowhere', /there is no scenario file/],
])('%s chooses nothing, which is told', (pattern, message) => {
  expect(() => chosen(pattern)).toThrow(message);
});

test('two files of one name are refused', () => {
  mkdirSync(join(cwd, 'twin'));
  writeFileSync(join(cwd, 'twin', 'holds.ts'), '');
  expect(() => chosen('holds', './twin')).toThrow(/two scenarios are called holds/);
});

test('runs are sorted by scenario, then topology, each on what it declares', async () => {
  expect(await planned({ patterns: ['holds', 'dhcp-from-physical'] })).toEqual([
    'dhcp-from-physical on flat',
    'dhcp-from-physical on vlan',
    'holds on small',
  ]);
});

test('a topology leaves out what declares no outcome for it, by its name or its type', async () => {
  expect(
    await planned({ patterns: ['holds', 'dhcp-from-physical', 'snat-to-tftp'], topologies: ['small'] }),
  ).toEqual(['dhcp-from-physical on small', 'holds on small']);
});

test('tags choose and leave out', async () => {
  expect(await planned({ patterns: ['./scenarios'], tags: ['chosen'] })).toEqual(['holds-too on small']);
  expect(await planned({ patterns: ['holds*'], without: ['chosen'] })).toEqual(['holds on small']);
  await expect(planned({ patterns: ['holds'], tags: ['no-such-tag'] })).rejects.toThrow(
    /no scenario is left/,
  );
});
