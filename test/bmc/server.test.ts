import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { connectIpmi } from '../../src/bmc/client.ts';
import { readPower } from '../../src/bmc/client-power.ts';
import { InMemoryChassis } from '../../src/bmc/in-memory-chassis.ts';
import { type ServedBmc, serveBmc } from '../../src/bmc/server.ts';

const login = { user: 'admin', password: 'many' };

function serve(name: string, address = '127.0.0.1', port = 0): Promise<ServedBmc> {
  return serveBmc({ name, address, port, ...login, chassis: new InMemoryChassis() });
}

test('64 BMCs in one process serve 200 clients at once without a failure', async () => {
  const bmcs = await Promise.all(Array.from({ length: 64 }, (_, index) => serve(`bmc-${index}`)));
  try {
    const clients = Array.from({ length: 200 }, async (_, index) => {
      const { address, port } = bmcs[index % bmcs.length] ?? { address: '', port: 0 };
      const client = await connectIpmi({ address, port, ...login });
      const power = await readPower(client);
      await client.close();
      return power;
    });
    expect(new Set(await Promise.all(clients))).toEqual(new Set(['off']));
    expect(bmcs.map(({ load }) => load.sessions).filter((count) => count > 0)).toEqual([]);
  } finally {
    await Promise.all(bmcs.map((bmc) => bmc.close()));
  }
});

test('a presence ping is answered, and a closed BMC answers nothing', async () => {
  const bmc = await serve('pinged');
  const socket = createSocket('udp4');
  const pongs: Buffer[] = [];
  socket.on('message', (datagram) => pongs.push(datagram));
  const heard = new Promise<void>((resolve) => socket.once('message', () => resolve()));
  const ping = Buffer.from('0600ff06000011be802a0000', 'hex');
  socket.send(ping, bmc.port, bmc.address);
  await heard;
  expect(pongs[0]?.toString('hex')).toBe(
    '0600ff06000011be402a0010000011be00000000810000000000000000'.slice(0, 56),
  );
  await bmc.close();
  const patience = { firstWaitMs: 20, tries: 2 };
  await expect(connectIpmi({ address: bmc.address, port: bmc.port, ...login, patience })).rejects.toThrow(
    'did not answer Get Channel Authentication Capabilities (asked 2 times)',
  );
  socket.close();
});

test('an address that is taken is told, and nothing is left behind', async () => {
  const first = await serve('first');
  await expect(serve('second', first.address, first.port)).rejects.toThrow(
    `cannot listen on UDP ${first.address}:${first.port}`,
  );
  await first.close();
  const again = await serve('again', first.address, first.port);
  await again.close();
});

test.each([
  { what: 'a password of 21 bytes', wrong: { password: 'x'.repeat(21) }, words: 'more than 20 bytes' },
  { what: 'a name of 17 characters', wrong: { user: 'x'.repeat(17) }, words: '1 to 16 characters' },
  { what: 'a cipher suite that there is not', wrong: { suites: [4] }, words: 'no cipher suite 4' },
])('$what is refused', async ({ wrong, words }) => {
  const config = { name: 'wrong', address: '127.0.0.1', port: 0, ...login, chassis: new InMemoryChassis() };
  await expect(serveBmc({ ...config, ...wrong })).rejects.toThrow(words);
});
