import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPower, setPower } from '../../src/bmc/client-power.ts';
import { openSol } from '../../src/bmc/sol-client.ts';
import { settled } from './fake-clock.ts';
import { logIn15 } from './log-in-15.ts';
import { password, type Sent, VirtualBmc } from './virtual-bmc.ts';

const runs = 50_000;

/** What a datagram can suffer on its way, or at the hands of an attacker. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('append' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
  fc.record({
    kind: fc.constant('overwrite' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
  fc.record({ kind: fc.constant('replace' as const), bytes: fc.uint8Array({ maxLength: 80 }) }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(datagram: Buffer, how: Damage): Buffer {
  const bytes = Buffer.from(datagram);
  switch (how.kind) {
    case 'flip': {
      const at = how.at % bytes.length;
      bytes[at] = bytes.readUInt8(at) ^ (1 << how.bit);
      return bytes;
    }
    case 'cut':
      return bytes.subarray(0, how.at % bytes.length);
    case 'append':
      return Buffer.concat([bytes, how.bytes]);
    case 'overwrite': {
      bytes.set(how.bytes.subarray(0, bytes.length - (how.at % bytes.length)), how.at % bytes.length);
      return bytes;
    }
    case 'replace':
      return Buffer.from(how.bytes);
  }
}

/** Whether the datagram claims to be of a session, so that nothing but an intact one may be answered. */
function isInSession(datagram: Buffer): boolean {
  if (datagram.length < 14 || datagram[3] !== 0x07) return false;
  const sessionId = datagram[4] === 6 ? datagram.readUInt32LE(6) : datagram.readUInt32LE(9);
  return sessionId !== 0;
}

/** Whether two datagrams differ at most in what nothing protects: the RMCP header, and a legacy pad. */
function isSame(known: Buffer, datagram: Buffer): boolean {
  return datagram.length <= known.length + 1 && known.subarray(4).equals(datagram.subarray(4, known.length));
}

/** A BMC with sessions of several kinds, and every datagram that made and used them. */
async function corpus(): Promise<{ virtual: VirtualBmc; datagrams: readonly Sent[] }> {
  const virtual = new VirtualBmc();
  // Not those without integrity: there damage cannot be told from a request.
  for (const suite of [2, 3, 8, 12, 17]) {
    const client = await virtual.logIn({ suite });
    await readPower(client);
    await setPower(client, 'on', 1_000);
  }
  const request15 = await logIn15(virtual.exchange(), 'admin', Buffer.from(password));
  await request15(0x06, 0x3b, [4]);
  await request15(0x00, 0x01, []);
  const console = await virtual.logIn();
  const sol = await openSol(console, { data: () => {}, ended: () => {} });
  sol.write(Buffer.from('hello\r'));
  await virtual.clock.advance(1_000);
  virtual.received.push({
    peer: { address: '192.0.2.98', port: 1 },
    datagram: Buffer.from('0600ff06000011be80000000', 'hex'),
  });
  return { virtual, datagrams: virtual.received.slice() };
}

test(`${runs} damaged datagrams: no throw, no growth, no effect, no answer within a session`, async () => {
  const { virtual, datagrams } = await corpus();
  const { boots } = virtual.chassis;
  const bootsBefore = boots.length;
  const events = virtual.state.sel.entries.length;
  const usersBefore = JSON.stringify(virtual.state.users);
  const answers = { sessionless: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.nat(datagrams.length - 1),
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      async (pick, how) => {
        const original = datagrams[pick];
        if (!original) return;
        const datagram = how.reduce<Buffer>(
          (bytes, each) => (bytes.length > 0 ? damaged(bytes, each) : bytes),
          original.datagram,
        );
        virtual.sent.length = 0;
        await virtual.bmc.receive(original.peer, datagram);
        if (datagrams.some((known) => isSame(known.datagram, datagram))) return;
        if (isInSession(datagram)) expect(virtual.sent).toEqual([]);
        answers.sessionless += virtual.sent.length;
        if (pick % 64 === 0) await settled();
      },
    ),
    { numRuns: runs, endOnFailure: true },
  );
  // Some damage leaves a request outside a session intact: without such answers nothing has been tried.
  expect(answers.sessionless).toBeGreaterThan(100);
  expect(virtual.bmc.load.handshakes).toBeLessThanOrEqual(128);
  expect(virtual.bmc.load.sessions).toBeLessThanOrEqual(8);
  expect(virtual.clock.waiting).toBeLessThan(400);
  expect(boots.length).toBe(bootsBefore);
  expect(JSON.stringify(virtual.state.users)).toBe(usersBefore);
  expect(virtual.state.sel.entries.length).toBeLessThanOrEqual(events + 1);
  // It still answers, and the sessions still work.
  await virtual.clock.advance(60_000);
  const client = await virtual.logIn();
  expect(await readPower(client)).toBe('on');
}, 120_000);
