import { describe, expect, test } from 'vitest';
import { cipherSuite } from '../../src/bmc/cipher-suites.ts';
import { readLog } from '../../src/bmc/client-inventory.ts';
import { readPower } from '../../src/bmc/client-power.ts';
import { decodeRmcpPlus, payloadType } from '../../src/bmc/rmcpplus-packet.ts';
import { enabledUser } from '../../src/bmc/users.ts';
import { logIn15 } from './log-in-15.ts';
import { password, VirtualBmc } from './virtual-bmc.ts';

describe('a wrong password and an unknown user', () => {
  /** What the BMC sends to somebody who fails to log in, and how long it takes, for each of three tries. */
  async function failures(user: string) {
    const virtual = new VirtualBmc();
    const tries = [];
    for (let index = 0; index < 3; index += 1) {
      virtual.sent.length = 0;
      const start = virtual.clock.now();
      await expect(virtual.logIn({ user, password: 'wrong', suite: 17 })).rejects.toThrow(
        'the password or the BMC key is wrong',
      );
      tries.push({
        tookMs: virtual.clock.now() - start,
        lengths: virtual.sent.map(({ datagram }) => datagram.length),
      });
      await virtual.clock.advance(100);
    }
    return tries;
  }

  test('look alike, in bytes and in time', async () => {
    expect(await failures('admix')).toEqual(await failures('admin'));
  });

  test('are answered ever later', async () => {
    const virtual = new VirtualBmc();
    const delays = [];
    for (let index = 0; index < 6; index += 1) {
      const answered: number[] = [];
      virtual.loses = (datagram) => {
        if (decodeRmcpPlus(datagram.subarray(4))?.payloadType === payloadType.rakp2)
          answered.push(virtual.clock.now());
        return false;
      };
      const start = virtual.clock.now();
      await expect(virtual.logIn({ password: 'wrong', suite: 17 })).rejects.toThrow();
      delays.push((answered[0] ?? Number.NaN) - start);
    }
    expect(delays).toEqual([0, 250, 500, 1_000, 2_000, 2_000]);
  });

  test('do not slow down another address, or another user', async () => {
    const virtual = new VirtualBmc();
    virtual.state.users[2] = enabledUser('other', password);
    for (let index = 0; index < 4; index += 1) {
      await expect(virtual.logIn({ password: 'wrong', suite: 17 })).rejects.toThrow();
    }
    const start = virtual.clock.now();
    await virtual.logIn({ suite: 17 }, virtual.exchange('192.0.2.50'));
    await virtual.logIn({ suite: 17, user: 'other' });
    expect(virtual.clock.now()).toBe(start);
    await virtual.logIn({ suite: 17 });
    expect(virtual.clock.now()).toBeGreaterThan(start);
  });

  test('are told in the log once for many tries, without name or password', async () => {
    const virtual = new VirtualBmc();
    for (const address of ['192.0.2.99', '192.0.2.98', '192.0.2.97']) {
      const target = { user: 'passw0rd', password: 'wr0ng', suite: 3 };
      await expect(virtual.logIn(target, virtual.exchange(address))).rejects.toThrow();
    }
    const client = await virtual.logIn();
    const refusals = (await readLog(client)).filter(({ event }) => event === 'log-in refused');
    expect(refusals).toHaveLength(1);
    expect(virtual.log.join('\n')).toContain('log-in from 192.0.2.99 refused');
    expect(virtual.log.join('\n')).not.toMatch(/passw0rd|wr0ng|sesame/);
  });

  test('stay unanswered by IPMI 1.5', async () => {
    const virtual = new VirtualBmc();
    for (const user of ['admin', 'admix']) {
      const login = logIn15(virtual.exchange(), user, Buffer.from('wrong'));
      await expect(login).rejects.toThrow('no answer to command 58');
    }
  });
});

describe('a cipher suite', () => {
  test.each([1, 2, 3, 8, 12, 15, 16, 17])('%i carries a session', async (suite) => {
    const client = await new VirtualBmc().logIn({ suite });
    expect(client.suite).toBe(suite);
    expect(await readPower(client)).toBe('off');
  });

  test.each([1, 2, 3, 8, 12, 15, 16, 17])('%i with a BMC key wants that key', async (suite) => {
    const virtual = new VirtualBmc();
    const kg = Buffer.from('a key of the BMC');
    virtual.state.kg = Buffer.concat([kg], 20).toString('hex');
    expect(await readPower(await virtual.logIn({ suite, kg }))).toBe('off');
    await expect(virtual.logIn({ suite })).rejects.toThrow('the password or the BMC key is wrong');
  });

  test.each([3, 17])('%i carries the longest password', async (suite) => {
    const virtual = new VirtualBmc();
    const longest = 'x'.repeat(20);
    virtual.state.users[1] = enabledUser('admin', longest);
    await virtual.logIn({ suite, password: longest });
    await expect(virtual.logIn({ suite, password: longest.slice(1) })).rejects.toThrow();
  });

  test('that is not offered is refused, and no other given instead', async () => {
    const seventeen = cipherSuite(17);
    const virtual = new VirtualBmc({ suites: seventeen ? [seventeen] : [] });
    await expect(virtual.logIn({ suite: 3 })).rejects.toThrow('does not offer the cipher suite');
    expect((await virtual.logIn()).suite).toBe(17);
  });

  test('is chosen by the client: the best that is offered', async () => {
    expect((await new VirtualBmc().logIn()).suite).toBe(17);
    const offered = [cipherSuite(1), cipherSuite(3)].flatMap((suite) => suite ?? []);
    expect((await new VirtualBmc({ suites: offered }).logIn()).suite).toBe(3);
  });

  test('may be switched off, or kept for lower privileges, in the LAN configuration', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn({ suite: 17 });
    // Suites 1, 2, 3, 8, 12, 15, 16, 17: 3 up to operator only, 8 not at all.
    await client.request(0x0c, 0x01, [1, 24, 0, 0x44, 0x03, 0x44, 0x44, 0, 0, 0, 0]);
    await expect(virtual.logIn({ suite: 8 })).rejects.toThrow('does not offer the cipher suite');
    await expect(virtual.logIn({ suite: 3 })).rejects.toThrow('may not have that privilege');
    await virtual.logIn({ suite: 3, privilege: 3 });
  });
});

describe('privilege', () => {
  test('too high for the user is refused only after the password was right', async () => {
    const virtual = new VirtualBmc();
    virtual.state.users[1] = enabledUser('admin', password, 3);
    await expect(virtual.logIn({ password: 'wrong' })).rejects.toThrow('password');
    await expect(virtual.logIn()).rejects.toThrow('may not have that privilege');
    await virtual.logIn({ privilege: 3 });
  });

  test('starts at user and is raised by Set Session Privilege Level', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    expect((await client.request(0x06, 0x3b, [2])).readUInt8(0)).toBe(2);
    await expect(client.request(0x00, 0x02, [1])).rejects.toThrow('the privilege level is too low');
    await client.request(0x06, 0x3b, [3]);
    await client.request(0x00, 0x02, [1]);
    expect(await virtual.chassis.powerState()).toBe('on');
  });
});

describe('a session', () => {
  test('ends when nothing is heard of it for a minute', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await virtual.clock.advance(59_000);
    expect(await readPower(client)).toBe('off');
    await virtual.clock.advance(61_000);
    await expect(readPower(client)).rejects.toThrow('no answer');
    expect(virtual.bmc.load.sessions).toBe(0);
  });

  test('beyond the limit is refused until another ends', async () => {
    const virtual = new VirtualBmc({ sessionLimit: 2 });
    const first = await virtual.logIn();
    await virtual.logIn();
    await expect(virtual.logIn({ suite: 3 })).rejects.toThrow('no free session');
    await first.close();
    await virtual.logIn();
  });

  test('is not kept out by a flood of half-open ones', async () => {
    const virtual = new VirtualBmc();
    await virtual.logIn({ suite: 3 });
    const open = virtual.received.find(
      ({ datagram }) => decodeRmcpPlus(datagram.subarray(4))?.payloadType === payloadType.openSessionRequest,
    );
    for (let port = 1; port < 1_000; port += 1) {
      await virtual.bmc.receive({ address: '192.0.2.66', port }, open?.datagram ?? Buffer.alloc(0));
    }
    expect(virtual.bmc.load.handshakes).toBeLessThanOrEqual(128);
    await virtual.logIn();
    await virtual.clock.advance(31_000);
    expect(virtual.bmc.load.handshakes).toBe(0);
  });

  test('of IPMI 1.5 works, and not for a password of 17 bytes or more', async () => {
    const virtual = new VirtualBmc();
    const request = await logIn15(virtual.exchange(), 'admin', Buffer.from(password));
    expect((await request(0x00, 0x01, [])).completion).toBe(0);
    virtual.state.users[2] = enabledUser('long', 'x'.repeat(17));
    await expect(logIn15(virtual.exchange(), 'long', Buffer.from('x'.repeat(16)))).rejects.toThrow();
  });

  test('of IPMI 1.5 is not to be had from a BMC that refuses them', async () => {
    const virtual = new VirtualBmc({ allow15: false });
    await expect(logIn15(virtual.exchange(), 'admin', Buffer.from(password))).rejects.toThrow(
      'no answer to Get Session Challenge',
    );
    await virtual.logIn();
  });

  test('ends with the BMC, and the BMC is there again', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn();
    await client.request(0x06, 0x02);
    await virtual.clock.advance(100);
    await expect(readPower(client)).rejects.toThrow('no answer');
    await virtual.logIn();
  });
});

describe('a lost or repeated datagram', () => {
  test('of the handshake does not keep the session from coming about', async () => {
    for (const type of Object.values(payloadType).filter((each) => each >= 0x10)) {
      const virtual = new VirtualBmc();
      let isLost = false;
      virtual.loses = (datagram) => {
        if (isLost || decodeRmcpPlus(datagram.subarray(4))?.payloadType !== type) return false;
        isLost = true;
        return true;
      };
      const client = await virtual.logIn({ suite: 17 });
      expect(isLost).toBe(true);
      expect(await readPower(client)).toBe('off');
      expect(virtual.bmc.load.sessions).toBe(1);
    }
  });

  test('within a session is dropped when it was taken already', async () => {
    const virtual = new VirtualBmc();
    const client = await virtual.logIn({ suite: 17 });
    await readPower(client);
    const last = virtual.received.at(-1);
    virtual.sent.length = 0;
    for (let times = 0; times < 3; times += 1) {
      await virtual.bmc.receive(last?.peer ?? { address: '', port: 0 }, last?.datagram ?? Buffer.alloc(0));
    }
    expect(virtual.sent).toEqual([]);
  });

  test('of the handshake is answered with the same keys, unless the session is in use', async () => {
    const virtual = new VirtualBmc();
    let isLost = false;
    // The client gives up: all that it sends in its session is lost.
    virtual.loses = (datagram) => {
      isLost ||= decodeRmcpPlus(datagram.subarray(4))?.payloadType === payloadType.rakp4;
      return isLost;
    };
    await expect(virtual.logIn({ suite: 17 })).rejects.toThrow('no answer to RAKP message 3');
    virtual.loses = () => false;
    const handshake = virtual.received.filter(({ datagram }) => {
      const type = decodeRmcpPlus(datagram.subarray(4))?.payloadType ?? 0;
      return type >= 0x10;
    });
    const answers = virtual.sent.slice(0, 3).map(({ datagram }) => datagram.toString('hex'));
    virtual.sent.length = 0;
    const proof = handshake[2];
    if (proof) await virtual.bmc.receive(proof.peer, proof.datagram);
    expect(virtual.sent.map(({ datagram }) => datagram.toString('hex'))).toEqual([answers[2]]);
    expect(virtual.bmc.load.sessions).toBe(1);
  });
});
