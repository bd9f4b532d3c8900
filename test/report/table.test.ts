import { expect, test } from 'vitest';
import { table } from '../../src/report/table.ts';

test('columns are as wide as their widest cell, and no line ends with blanks', () => {
  const rows = [['NAME', 'STATE'], ['a-long-name', 'up'], ['b']];
  expect(table(rows, '  ')).toEqual(['  NAME         STATE', '  a-long-name  up', '  b']);
});
