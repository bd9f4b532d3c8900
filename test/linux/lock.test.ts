import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { isLocked, takeLock } from '../../src/linux/lock.ts';

test('one holder at a time, the next when it releases', async () => {
  const name = randomUUID();
  const order: string[] = [];
  const first = await takeLock(name);
  const second = takeLock(name, () => order.push('waits')).then((lock) => {
    order.push('second');
    return lock;
  });
  await new Promise((resolve) => setImmediate(resolve));
  order.push('first releases');
  first.release();
  (await second).release();
  expect(order.at(-1)).toBe('second');
  expect(await isLocked(name)).toBe(false);
});

test('of many at once each has it alone', async () => {
  const name = randomUUID();
  let holders = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await takeLock(name);
      expect(++holders).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      holders--;
      lock.release();
    }),
  );
});

test('a process that is killed holds it no longer', async () => {
  const name = randomUUID();
  const lock = new URL('../../src/linux/lock.ts', import.meta.url);
  const { code } = transformSync(readFileSync(lock, 'utf8'), { loader: 'ts', format: 'esm' });
  const program = `${code}
    await takeLock(${JSON.stringify(name)});
    console.log('held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(await isLocked(name)).toBe(true);
  const waiting = takeLock(name);
  child.kill('SIGKILL');
  (await waiting).release();
});

test('other names do not exclude each other', async () => {
  const locks = await Promise.all([takeLock(randomUUID()), takeLock(randomUUID())]);
  for (const lock of locks) lock.release();
});

test('releasing twice is releasing once', async () => {
  const name = randomUUID();
  const lock = await takeLock(name);
  lock.release();
  const next = await takeLock(name);
  lock.release();
  expect(await isLocked(name)).toBe(true);
  next.release();
});
