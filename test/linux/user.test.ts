import { expect, test } from 'vitest';
import { subordinateIds } from '../../src/linux/user.ts';

const user = { name: 'me', uid: 1000 };

test.each([
  ['', 0],
  ['me:100000:65536\n', 65_536],
  ['1000:100000:65536\n', 65_536],
  ['other:100000:65536\nme:165536:1000\nme:200000:64536\n', 65_536],
  ['10001:100000:65536\nmenace:100000:65536\n', 0],
  ['me:100000:\nme\n\nme:1:many\n', 0],
])('subordinate ids in %j', (text, count) => {
  expect(subordinateIds(text, user)).toBe(count);
});
