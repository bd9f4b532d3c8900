import { expect, test } from 'vitest';
import { NodeLocked, NodeLocks } from '../../src/ironic/conductor/locks.ts';

const node = { uuid: 'u', name: 'server-1' };

test('a second task on a node is refused and told what is under way', async () => {
  const locks = new NodeLocks();
  let finish: () => void = () => undefined;
  const first = locks.hold(node, 'its deployment', () => new Promise<void>((resolve) => (finish = resolve)));
  await expect(locks.hold(node, 'a reboot', async () => 1)).rejects.toThrow(NodeLocked);
  await expect(locks.hold(node, 'a reboot', async () => 1)).rejects.toThrow(
    /server-1 is locked: its deployment/,
  );
  expect(await locks.hold({ uuid: 'v', name: 'server-2' }, 'a reboot', async () => 1)).toBe(1);
  finish();
  await first;
  expect(await locks.hold(node, 'a reboot', async () => 2)).toBe(2);
});

test('tasks that wait for a node come one after the other', async () => {
  const locks = new NodeLocks();
  let running = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  };
  await Promise.all(Array.from({ length: 20 }, () => locks.wait(node, 'a task', task)));
  expect(most).toBe(1);
});

test('a task that fails gives the lock back', async () => {
  const locks = new NodeLocks();
  await expect(
    locks.hold(node, 'x', async () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(locks.holder('u')).toBeUndefined();
});

test('nobody is refused for a brief task, which is waited for', async () => {
  const locks = new NodeLocks();
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const reading = locks.wait(
    node,
    'a reading',
    () =>
      new Promise<void>((resolve) => {
        finish = () => {
          order.push('reading');
          resolve();
        };
      }),
    { isBrief: true },
  );
  const deployment = locks.hold(node, 'its deployment', async () => order.push('deployment'));
  finish();
  await Promise.all([reading, deployment]);
  expect(order).toEqual(['reading', 'deployment']);
});
