import { expect, test } from 'vitest';
import { differences } from '../../src/lab/differences.ts';

test('each value that differs is a line with its path', () => {
  const before = { name: 'a', list: [{ x: 1 }, { x: 2 }], gone: true, same: [1, 2] };
  const after = { name: 'b', list: [{ x: 1 }, { x: 3 }, { x: 4 }], new: null, same: [1, 2] };
  expect(differences(before, after)).toEqual([
    'name: "a" -> "b"',
    'list[1].x: 2 -> 3',
    'list[2]: nothing -> {"x":4}',
    'gone: true -> nothing',
    'new: nothing -> null',
  ]);
});

test('many differences are cut', () => {
  const lines = differences(
    {},
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index])),
  );
  expect(lines).toHaveLength(13);
  expect(lines.at(-1)).toBe('… and 8 more');
});
