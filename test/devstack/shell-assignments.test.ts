import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { localrcOf } from '../../src/devstack/local-conf.ts';
import { readAssignments } from '../../src/devstack/shell-assignments.ts';
import { run } from '../../src/linux/process.ts';

const text = readFileSync('test/devstack/assignments.sh', 'utf8');

test('variables have the values that bash gives them', async () => {
  const { assignments, problems } = readAssignments(localrcOf(text).lines);
  expect(problems).toEqual([]);
  const names = [...new Set(assignments.map(({ name }) => name))];
  const echo = names.map((name) => `printf '%s\\n' "$${name}"`).join('\n');
  const { stdout } = await run(['bash', '-c', `${text}\n${echo}`]);
  const last = new Map(assignments.map(({ name, value }) => [name, value]));
  expect(names.map((name) => last.get(name))).toEqual(stdout.split('\n').slice(0, names.length));
});

test('a variable that depends on what the file does not set has no value', () => {
  const { assignments } = readAssignments([{ line: 1, text: 'DEST=$HOME/stack' }]);
  expect(assignments).toEqual([{ name: 'DEST', value: undefined, line: 1 }]);
});

test('calls of DevStack are told apart from what it cannot know', () => {
  const { calls, problems } = readAssignments([
    { line: 1, text: 'enable_service ironic' },
    { line: 2, text: 'if true; then' },
  ]);
  expect(calls).toEqual([{ name: 'enable_service', line: 1 }]);
  expect(problems.map(({ line }) => line)).toEqual([2]);
});

test('of a local.conf only [[local|localrc]] is read, under its own line numbers', () => {
  const { lines, otherSections } = localrcOf(
    '[[post-config|$NEUTRON_CONF]]\nA=1\n[[local|localrc]]\nB=2\n[[local|extra]]\nC=3\n',
  );
  expect(lines).toEqual([{ line: 4, text: 'B=2' }]);
  expect(otherSections.map(({ line }) => line)).toEqual([1, 5]);
});

test('a local.conf without a localrc is refused', () => {
  expect(localrcOf('[[post-config|$NEUTRON_CONF]]\nA=1\n').problems).toHaveLength(1);
});
