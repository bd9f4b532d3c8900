/**
 * The RMCP+ session packet: header, encryption and integrity trailer (IPMI 2.0 section 13.6, tables 13-8 and
 * 13-20; sections 13.28 and 13.29). Pure: bytes in, values out.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.ts';
import { authenticationType } from './ipmi15-packet.ts';

export const payloadType = {
  ipmi: 0x00,
  sol: 0x01,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const;

/** What protects the packets of one session. */
export interface SessionKeys {
  readonly suite: CipherSuite;
  /** K1; for MD5-128 the password, filled up with zeros. */
  readonly integrityKey: Buffer;
  /** The first 16 bytes of K2. */
  readonly cipherKey: Buffer;
}

export interface RmcpPlusPacket {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  readonly sessionId: number;
  readonly sequence: number;
  /** As on the wire: encrypted if `encrypted`. */
  readonly payload: Buffer;
  /** The whole RMCP body, whose end is the integrity trailer. */
  readonly body: Buffer;
}

const headerLength = 12;
const blockLength = 16;
const nextHeader = 0x07;
const encryptedBit = 0x80;
const authenticatedBit = 0x40;

/** The packet in an RMCP body; undefined when it is cut short or of an OEM payload type. */
export function decodeRmcpPlus(body: Buffer): RmcpPlusPacket | undefined {
  if (body.length < headerLength || body[0] !== authenticationType.rmcpPlus) return undefined;
  const type = body.readUInt8(1);
  const end = headerLength + body.readUInt16LE(10);
  if ((type & 0x3f) === 0x02 || body.length < end) return undefined;
  return {
    payloadType: type & 0x3f,
    encrypted: (type & encryptedBit) !== 0,
    authenticated: (type & authenticatedBit) !== 0,
    sessionId: body.readUInt32LE(2),
    sequence: body.readUInt32LE(6),
    payload: body.subarray(headerLength, end),
    body,
  };
}

/** The RMCP body of an unprotected packet outside any session. */
export function encodeSessionless20(type: number, payload: Buffer): Buffer {
  return Buffer.concat([header(type, 0, 0, payload.length), payload]);
}

/** The RMCP body of a packet inside a session, encrypted and signed as the session's suite says. */
export function sealPacket(
  keys: SessionKeys,
  packet: { payloadType: number; sessionId: number; sequence: number; payload: Buffer },
  random: (length: number) => Buffer,
): Buffer {
  const { integrity, confidentiality } = keys.suite;
  const signed = integrity.method !== 'none';
  const payload = confidentiality ? encrypt(keys.cipherKey, packet.payload, random) : packet.payload;
  const type = packet.payloadType | (confidentiality ? encryptedBit : 0) | (signed ? authenticatedBit : 0);
  const start = Buffer.concat([header(type, packet.sessionId, packet.sequence, payload.length), payload]);
  if (!signed) return start;
  const padding = (4 - ((start.length + 2) % 4)) % 4;
  const covered = Buffer.concat([start, Buffer.alloc(padding, 0xff), Buffer.from([padding, nextHeader])]);
  return Buffer.concat([covered, integrityCode(keys, covered)]);
}

/**
 * The payload of a packet inside a session, verified and decrypted; undefined when the packet is not protected
 * as the session's suite demands, or its code or padding is wrong.
 */
export function openPacket(keys: SessionKeys, packet: RmcpPlusPacket): Buffer | undefined {
  const { integrity, confidentiality } = keys.suite;
  if (packet.authenticated !== (integrity.method !== 'none')) return undefined;
  if (packet.encrypted !== (confidentiality === 1)) return undefined;
  if (packet.authenticated) {
    const codeAt = packet.body.length - integrity.codeLength;
    if (codeAt < headerLength + packet.payload.length + 2) return undefined;
    const covered = packet.body.subarray(0, codeAt);
    if (!timingSafeEqual(integrityCode(keys, covered), packet.body.subarray(codeAt))) return undefined;
  }
  return packet.encrypted ? decrypt(keys.cipherKey, packet.payload) : packet.payload;
}

function header(type: number, sessionId: number, sequence: number, length: number): Buffer {
  const bytes = Buffer.alloc(headerLength);
  bytes[0] = authenticationType.rmcpPlus;
  bytes[1] = type;
  bytes.writeUInt32LE(sessionId, 2);
  bytes.writeUInt32LE(sequence, 6);
  bytes.writeUInt16LE(length, 10);
  return bytes;
}

function integrityCode(keys: SessionKeys, covered: Buffer): Buffer {
  const { method, hash, codeLength } = keys.suite.integrity;
  const code =
    method === 'md5-128'
      ? createHash('md5').update(keys.integrityKey).update(covered).update(keys.integrityKey).digest()
      : createHmac(hash, keys.integrityKey).update(covered).digest();
  return code.subarray(0, codeLength);
}

function encrypt(key: Buffer, payload: Buffer, random: (length: number) => Buffer): Buffer {
  const padding = (blockLength - ((payload.length + 1) % blockLength)) % blockLength;
  const pad = Buffer.from([...Array(padding).keys()].map((index) => index + 1));
  const vector = random(blockLength);
  const cipher = createCipheriv('aes-128-cbc', key, vector).setAutoPadding(false);
  return Buffer.concat([
    vector,
    cipher.update(Buffer.concat([payload, pad, Buffer.from([padding])])),
    cipher.final(),
  ]);
}

function decrypt(key: Buffer, payload: Buffer): Buffer | undefined {
  if (payload.length < 2 * blockLength || payload.length % blockLength !== 0) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', key, payload.subarray(0, blockLength)).setAutoPadding(
    false,
  );
  const plain = Buffer.concat([decipher.update(payload.subarray(blockLength)), decipher.final()]);
  const padding = plain.readUInt8(plain.length - 1);
  const end = plain.length - 1 - padding;
  if (padding >= blockLength || end < 0) return undefined;
  for (let index = 0; index < padding; index += 1) {
    if (plain[end + index] !== index + 1) return undefined;
  }
  return plain.subarray(0, end);
}
