import { expect, test } from 'vitest';
import { capacityOf, nextToStart } from '../../src/suite/capacity.ts';
import { deadlineMs, weightOf } from '../../src/suite/weight.ts';

const light = weightOf({});
const provisioning = weightOf({ tags: ['provisioning'] });
const twoCores = capacityOf({ memory: 4096, cores: 2 }, undefined);
const plenty = 100_000;

test('two light runs go on for each core, and one provisioning', () => {
  expect(nextToStart([light], [light, light, light], twoCores, plenty)).toBe(0);
  expect(nextToStart([light], [light, light, light, light], twoCores, plenty)).toBeUndefined();
  expect(nextToStart([provisioning], [provisioning], twoCores, plenty)).toBe(0);
  expect(nextToStart([provisioning], [provisioning, provisioning], twoCores, plenty)).toBeUndefined();
});

test('--jobs counts runs alone, but memory is minded all the same', () => {
  const capacity = capacityOf({ memory: 4096, cores: 2 }, 6);
  const five = Array.from({ length: 5 }, () => light);
  expect(nextToStart([light], five, capacity, plenty)).toBe(0);
  expect(nextToStart([light], [...five, light], capacity, plenty)).toBeUndefined();
  expect(
    nextToStart([provisioning], [provisioning, provisioning, provisioning], capacity, plenty),
  ).toBeUndefined();
});

test('what does not fit beside the others lets smaller ones go first', () => {
  const capacity = capacityOf({ memory: 1200, cores: 4 }, undefined);
  expect(nextToStart([provisioning, light], [light], capacity, plenty)).toBe(1);
});

test('nothing begins that the machine has no memory for now, unless nothing goes on', () => {
  expect(nextToStart([light], [light], twoCores, 100)).toBeUndefined();
  expect(nextToStart([provisioning], [], twoCores, 100)).toBe(0);
});

test('a scenario says what its tags do not', () => {
  expect(weightOf({ tags: ['provisioning'], weight: { memory: 1800 } })).toEqual({
    ...provisioning,
    memory: 1800,
  });
  expect(deadlineMs(light)).toBe(120_000);
  expect(deadlineMs(provisioning)).toBe(900_000);
});
