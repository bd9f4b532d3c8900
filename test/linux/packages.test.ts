import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installCommand, missingPackages, parsePackages } from '../../src/linux/packages.ts';

const list = readFileSync('scripts/debian-packages.txt', 'utf8');

test('the list that ships can be read, and names no package twice', () => {
  const names = parsePackages(list).map(({ name }) => name);
  expect(names).toContain('openvswitch-switch');
  expect(new Set(names).size).toBe(names.length);
});

test('a package is missing when its file is', () => {
  const packages = parsePackages('lab here /bin/sh a shell\nlab gone /nowhere/gone what it is for\n');
  expect(missingPackages(packages)).toEqual([
    { set: 'lab', name: 'gone', file: '/nowhere/gone', purpose: 'what it is for' },
  ]);
});

test('one command installs all that is missing, with sudo for a user', () => {
  const packages = [{ name: 'tini' }, { name: 'tgt' }];
  expect(installCommand(packages, true)).toBe('apt-get install --no-install-recommends tini tgt');
  expect(installCommand(packages, false)).toBe('sudo apt-get install --no-install-recommends tini tgt');
});

test('a line of another form is refused, as it would hide a package', () => {
  expect(() => parsePackages('lab tini\n')).toThrow('lab tini');
});
