import { expect, test } from 'vitest';
import { password, VirtualBmc } from './virtual-bmc.ts';

const chassis = 0x00;
const app = 0x06;

test('a transcript tells the requests of a session in words, in their order, with how they ended', async () => {
  const virtual = new VirtualBmc();
  const client = await virtual.logIn();
  await client.exchange(chassis, 0x01);
  await client.exchange(chassis, 0x08, [0x05, 0xc0, 0x04, 0, 0, 0]);
  await client.exchange(chassis, 0x08, [0x03, 0x08]);
  await client.exchange(chassis, 0x02, [1]);
  await client.exchange(chassis, 0x02, [9]);
  await client.exchange(app, 0x7f);
  const asked = virtual.transcript.map(({ what, completion }) => `${what} -> ${completion}`);
  expect(asked.slice(asked.indexOf('Get Chassis Status -> 0'))).toEqual([
    'Get Chassis Status -> 0',
    'Set System Boot Options: boot from pxe, persistent -> 0',
    'Set System Boot Options: parameter 3 -> 0',
    'Chassis Control: power on -> 0',
    'Chassis Control: 0x09 -> 204',
    'network function 0x06 command 0x7f -> 193',
  ]);
  expect(virtual.transcript.at(-1)).toMatchObject({ peer: '192.0.2.99', user: 'admin', netFn: app });
});

test('no password is in it', async () => {
  const virtual = new VirtualBmc();
  const client = await virtual.logIn();
  const secret = Buffer.alloc(16);
  secret.write('new-password');
  await client.exchange(app, 0x47, [1, 2, ...secret]);
  expect(virtual.transcript.at(-1)).toMatchObject({ what: 'Set User Password', completion: 0 });
  const told = JSON.stringify(virtual.transcript);
  for (const each of ['new-password', secret.toString('hex'), password]) expect(told).not.toContain(each);
});
