import { expect, test } from 'vitest';
import { deactivateSol, openSol } from '../../src/bmc/sol-client.ts';
import { SolLink, type SolLinkOptions } from '../../src/bmc/sol-link.ts';
import { encodeSol, solOperation, solStatus } from '../../src/bmc/sol-payload.ts';
import { EscapeReader } from '../../src/bmc/sol-terminal.ts';
import { FakeClock } from './fake-clock.ts';
import { VirtualBmc } from './virtual-bmc.ts';

/** Two ends of a link over a line that loses, repeats and swaps what a seeded sequence of numbers says. */
function line(seed: number, trouble: number) {
  const clock = new FakeClock();
  let random = seed;
  const next = () => {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    return random / 2 ** 31;
  };
  const heard = { one: '', other: '' };
  const ends: { one?: SolLink; other?: SolLink } = {};
  const carry = (payload: Buffer, deliver: (payload: Buffer) => void) => {
    for (let copies = next() < trouble ? 2 : 1; copies > 0; copies -= 1) {
      if (next() < trouble) continue;
      clock.after(next() < trouble ? 120 : 1, () => deliver(payload));
    }
  };
  const options = (to: 'one' | 'other'): SolLinkOptions => ({
    clock,
    send: (payload) => carry(payload, (arrived) => ends[to === 'one' ? 'other' : 'one']?.receive(arrived)),
    received: (characters) => {
      heard[to] += characters.toString('latin1');
    },
    flagged: () => {},
    packetSize: 20,
    gatherMs: 5,
    retryMs: 100,
    retries: 30,
    capacity: 65_536,
    overrunFlag: solStatus.overrun,
  });
  ends.one = new SolLink(options('one'));
  ends.other = new SolLink(options('other'));
  return { clock, heard, one: ends.one, other: ends.other };
}

test.each([1, 2, 3, 4, 5])(
  'text arrives whole, once and in order over a bad line (seed %i)',
  async (seed) => {
    const { clock, heard, one, other } = line(seed, 0.2);
    const there = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');
    const back = Array.from({ length: 100 }, (_, index) => `answer ${index}\n`).join('');
    one.write(Buffer.from(there));
    other.write(Buffer.from(back));
    await clock.advance(120_000);
    expect(heard.other).toBe(there);
    expect(heard.one).toBe(back);
    expect(one.isIdle && other.isIdle).toBe(true);
  },
);

test('what one end takes only in part is sent again from there', async () => {
  const clock = new FakeClock();
  const sent: Buffer[] = [];
  const link = new SolLink({ ...quietOptions(clock), send: (payload) => sent.push(payload) });
  link.write(Buffer.from('abcdef'));
  link.receive(
    encodeSol({ sequence: 0, acknowledges: 1, accepted: 2, flags: 0, characters: Buffer.alloc(0) }),
  );
  expect(sent.map((payload) => payload.toString('latin1', 4))).toEqual(['abcdef', 'cdef']);
  expect(sent.map((payload) => payload[0])).toEqual([1, 2]);
});

test('what is refused is sent again when its time has come', async () => {
  const clock = new FakeClock();
  const sent: Buffer[] = [];
  const link = new SolLink({ ...quietOptions(clock), send: (payload) => sent.push(payload) });
  link.write(Buffer.from('abc'));
  const refused = {
    sequence: 0,
    acknowledges: 1,
    accepted: 0,
    flags: solOperation.nack,
    characters: Buffer.alloc(0),
  };
  link.receive(encodeSol(refused));
  expect(sent).toHaveLength(1);
  await clock.advance(150);
  expect(sent.map((payload) => payload[0])).toEqual([1, 1]);
});

function quietOptions(clock: FakeClock): SolLinkOptions {
  return {
    clock,
    send: () => {},
    received: () => {},
    flagged: () => {},
    packetSize: 20,
    gatherMs: 0,
    retryMs: 100,
    retries: 3,
    capacity: 100,
    overrunFlag: solStatus.overrun,
  };
}

async function solSession(virtual: VirtualBmc) {
  const client = await virtual.logIn();
  const heard = { text: '', ended: [] as string[] };
  const sol = await openSol(client, {
    data: (characters) => {
      heard.text += characters.toString('latin1');
    },
    ended: (why) => heard.ended.push(why),
  });
  await virtual.clock.advance(0);
  return { client, sol, heard };
}

test('a console paused by the client says nothing until it goes on, and then all', async () => {
  const virtual = new VirtualBmc();
  await virtual.chassis.powerOn(undefined);
  const { client, heard } = await solSession(virtual);
  const operation = (sequence: number, flags: number) =>
    client.sendSol(encodeSol({ sequence, acknowledges: 0, accepted: 0, flags, characters: Buffer.alloc(0) }));
  operation(9, solOperation.pause);
  await virtual.clock.advance(10);
  virtual.chassis.say('held back');
  await virtual.clock.advance(5_000);
  expect(heard.text).not.toContain('held back');
  operation(10, 0);
  await virtual.clock.advance(10);
  expect(heard.text).toContain('held back');
});

test('a break reaches the machine', async () => {
  const virtual = new VirtualBmc();
  await virtual.chassis.powerOn(undefined);
  const { sol, heard } = await solSession(virtual);
  sol.sendBreak();
  await virtual.clock.advance(100);
  expect(virtual.chassis.breaks).toHaveLength(1);
  expect(heard.text).toContain('[break]');
});

test('a second session is refused the console, and may take it away', async () => {
  const virtual = new VirtualBmc();
  await virtual.chassis.powerOn(undefined);
  const first = await solSession(virtual);
  const second = await virtual.logIn();
  const listener = { data: () => {}, ended: () => {} };
  await expect(openSol(second, listener)).rejects.toThrow('another session has it');
  await deactivateSol(second);
  await openSol(second, listener);
  expect(first.heard.ended).toEqual(['the BMC took the console away']);
});

test('the console is free again when the session that had it ends', async () => {
  const virtual = new VirtualBmc();
  const first = await solSession(virtual);
  await first.client.close();
  await solSession(virtual);
});

test('the console is heard from the first word after power-on', async () => {
  const virtual = new VirtualBmc();
  const { client, heard } = await solSession(virtual);
  await client.request(0x00, 0x02, [1]);
  await virtual.clock.advance(100);
  expect(heard.text).toContain('booting from disk');
});

test('a console that talks faster than anyone listens loses its oldest words and says so', async () => {
  const clock = new FakeClock();
  const sent: Buffer[] = [];
  const link = new SolLink({ ...quietOptions(clock), send: (payload) => sent.push(payload) });
  for (let index = 0; index < 50; index += 1) link.write(Buffer.from(`${index} `.padStart(10)));
  for (let sequence = 1; sequence <= 10; sequence += 1) {
    const accepted = (sent.at(-1)?.length ?? 4) - 4;
    link.receive(
      encodeSol({ sequence: 0, acknowledges: sequence, accepted, flags: 0, characters: Buffer.alloc(0) }),
    );
  }
  const flags = sent.map((payload) => payload[3]);
  expect(flags[1]).toBe(solStatus.overrun);
  expect(Buffer.concat(sent.map((payload) => payload.subarray(4))).toString()).toContain('49');
});

test.each([
  { typed: 'ls\r~.', send: 'ls\r', action: 'leave' },
  { typed: '~.', send: '', action: 'leave' },
  { typed: 'a~.', send: 'a~.', action: 'none' },
  { typed: '\r~~x', send: '\r~x', action: 'none' },
  { typed: '~B', send: '', action: 'break' },
  { typed: '~x', send: '~x', action: 'none' },
])('typed at a terminal, $typed sends $send and means $action', ({ typed, send, action }) => {
  expect(new EscapeReader().read(Buffer.from(typed))).toEqual({ send: Buffer.from(send), action });
});

test('an escape may be typed slowly', () => {
  const reader = new EscapeReader();
  expect(reader.read(Buffer.from('~')).action).toBe('none');
  expect(reader.read(Buffer.from('.')).action).toBe('leave');
});
