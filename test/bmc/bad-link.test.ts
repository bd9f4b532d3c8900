import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { type BadLink, badLink } from './bad-link.ts';
import { ipmitoolArguments } from './clients/ipmitool.ts';
import { own } from './clients/own.ts';
import { serveTestBmc, type TestBmc } from './serve.ts';

const trouble = { loss: 0.1, duplication: 0.1, reordering: 0.05 };

let bmc: TestBmc;
beforeAll(async () => {
  bmc = await serveTestBmc();
});
afterAll(() => bmc.served.close());

/** Runs something over a bad link of its own. */
async function over<T>(
  seed: number,
  use: (login: TestBmc['admin'], link: BadLink) => Promise<T>,
): Promise<T> {
  const link = await badLink(bmc.served.port, { ...trouble, seed });
  try {
    return await use({ ...bmc.admin, address: link.address }, link);
  } finally {
    await link.close();
  }
}

describe.concurrent('over a link that loses a tenth, repeats a tenth and swaps a twentieth', () => {
  // ipmitool sends each message of its handshake once and begins anew up to three times; every other time one of
  // the six is lost. With these seeds four attempts are enough; with one seed in twenty no BMC could help it.
  const commands = [
    ...['power status', 'power on', 'chassis bootdev pxe', 'chassis bootparam get 5', 'mc info', 'sel info'],
    ...['user list 1', 'sdr list', 'chassis policy previous', 'fru print 0', 'lan print 1'],
  ].map((words, index) => ({ words, seed: index + 1 }));
  test.each(commands)('ipmitool $words succeeds with its own retries', async ({ words, seed }) => {
    const { lost, repeated } = await over(seed, async (login, link) => {
      const argv = [...ipmitoolArguments(login, ['-I', 'lanplus']), ...words.split(' ')];
      await run(argv, { timeoutMs: 55_000 });
      return link.counts;
    });
    expect(lost).toBeGreaterThan(0);
    expect(repeated).toBeGreaterThan(0);
  });

  test.each([20, 21, 22])('our client reads the sensors (seed %i)', async (seed) => {
    const client = own('');
    await over(seed, async (login) => {
      expect(await client.sensors(login)).toContain('Inlet Temp');
      await bmc.chassis.powerOn(undefined);
    });
  });
});

test('text goes both ways over a bad link, whole and in order', async () => {
  await bmc.chassis.powerOn(undefined);
  await over(30, async (login, link) => {
    const lines = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    const seen = await own('').console?.(login, `${lines.join('\r')}\r`, 'echo: number 19');
    const echoes = [...(seen ?? '').matchAll(/echo: (number \d+)/g)].map(([, text]) => text);
    expect(echoes).toEqual(lines);
    expect(link.counts.lost + link.counts.repeated + link.counts.late).toBeGreaterThan(0);
  });
});
