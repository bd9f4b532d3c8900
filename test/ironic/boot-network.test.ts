import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabCommand } from '../lab-command.ts';

/** Two networks, each on a wire of its own; brbm is a segment of red. */
const lab = new LabCommand();
beforeAll(async () => {
  expect(await lab.run(['up', 'two-flats', '-q'])).toMatchObject({ exitCode: 0 });
});
afterAll(() => lab.end());

/** Networks are looked at before images, of which there are none here. */
test.each([
  [
    'blue',
    'node baremetalbrbm_0 cannot be on network blue: 52:54:00:00:01:00 is plugged into brbm, which is a segment of network red',
  ],
  ['green', 'lab two-flats has no network "green"'],
  ['red', 'there is no image none-such'],
])('lab boot --network %s', async (network, message) => {
  const words = ['boot', 'baremetalbrbm_0', '--network', network, '--image', 'none-such'];
  const { exitCode, stderr } = await lab.run(words);
  expect(stderr).toContain(`lab: ${message}`);
  expect(exitCode).toBe(2);
});
