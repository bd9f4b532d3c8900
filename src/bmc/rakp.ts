/**
 * The keyed codes and session keys of the RAKP handshake (IPMI 2.0 sections 13.20 to 13.32), the same for both
 * ends. Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.ts';
import type { SessionKeys } from './rmcpplus-packet.ts';

/** What both ends know once RAKP 1 and 2 were exchanged. Session ids as numbers, on the wire little-endian. */
export interface RakpExchange {
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  readonly consoleRandom: Buffer;
  readonly bmcRandom: Buffer;
  /** 16 bytes, as on the wire. */
  readonly guid: Buffer;
  /** The requested privilege, and in bit 4 whether the name alone selects the user. */
  readonly role: number;
  readonly userName: Buffer;
}

/** MD5-128 takes the password filled up with zeros. */
const paddedPasswordLength = 20;

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function hmac(suite: CipherSuite, key: Buffer, ...parts: readonly Buffer[]): Buffer {
  return createHmac(suite.authentication.hash, key).update(Buffer.concat(parts)).digest();
}

/** The part of a password that keys the codes: with RAKP-HMAC-MD5 its first 16 bytes, else all (at most 20). */
function keyOf(suite: CipherSuite, password: Buffer): Buffer {
  return suite.authentication.hash === 'md5' ? password.subarray(0, 16) : password;
}

function roleAndName(exchange: RakpExchange): Buffer {
  return Buffer.concat([Buffer.from([exchange.role, exchange.userName.length]), exchange.userName]);
}

/** The key exchange authentication code of RAKP 2: the BMC knows the user's password. */
export function rakp2Code(suite: CipherSuite, password: Buffer, exchange: RakpExchange): Buffer {
  return hmac(
    suite,
    keyOf(suite, password),
    littleEndian(exchange.consoleSessionId),
    littleEndian(exchange.bmcSessionId),
    exchange.consoleRandom,
    exchange.bmcRandom,
    exchange.guid,
    roleAndName(exchange),
  );
}

/** The key exchange authentication code of RAKP 3: the console knows the user's password. */
export function rakp3Code(suite: CipherSuite, password: Buffer, exchange: RakpExchange): Buffer {
  return hmac(
    suite,
    keyOf(suite, password),
    exchange.bmcRandom,
    littleEndian(exchange.consoleSessionId),
    roleAndName(exchange),
  );
}

/** The session integrity key. `kg` is the BMC's key; without one the user's password stands in for it. */
export function sessionIntegrityKey(
  suite: CipherSuite,
  password: Buffer,
  kg: Buffer | undefined,
  exchange: RakpExchange,
): Buffer {
  return hmac(
    suite,
    kg ?? keyOf(suite, password),
    exchange.consoleRandom,
    exchange.bmcRandom,
    roleAndName(exchange),
  );
}

/** The integrity check value of RAKP 4: both ends have the same session integrity key. */
export function rakp4Code(suite: CipherSuite, sik: Buffer, exchange: RakpExchange): Buffer {
  return hmac(
    suite,
    sik,
    exchange.consoleRandom,
    littleEndian(exchange.bmcSessionId),
    exchange.guid,
  ).subarray(0, suite.authentication.integrityCheckLength);
}

/** The keys that protect the session's packets. */
export function sessionKeys(suite: CipherSuite, sik: Buffer, password: Buffer): SessionKeys {
  return {
    suite,
    integrityKey:
      suite.integrity.method === 'md5-128'
        ? Buffer.concat([keyOf(suite, password)], paddedPasswordLength)
        : hmac(suite, sik, Buffer.alloc(20, 1)),
    cipherKey: hmac(suite, sik, Buffer.alloc(20, 2)).subarray(0, 16),
  };
}

/** Whether two codes are the same, told in a time that does not depend on where they differ. */
export function isSameCode(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
