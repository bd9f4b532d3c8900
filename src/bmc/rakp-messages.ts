/**
 * The five messages that set up an RMCP+ session, and their status codes (IPMI 2.0 sections 13.17 to 13.24).
 * Pure: bytes in, values out; a decoder answers undefined for what is cut short.
 */
import { type CipherSuite, cipherSuites } from './cipher-suites.ts';

/** Status codes of table 13-15. */
export const rakpStatus = {
  ok: 0x00,
  insufficientResources: 0x01,
  invalidRole: 0x09,
  unauthorizedRole: 0x0a,
  invalidNameLength: 0x0c,
  invalidIntegrityCheck: 0x0f,
  noMatchingSuite: 0x11,
  illegalParameter: 0x12,
} as const;

const statusWords = new Map<number, string>([
  [0x01, 'the BMC has no free session'],
  [0x02, 'the BMC does not know the session id'],
  [0x03, 'the BMC does not know the payload type'],
  [0x04, 'the BMC does not offer the authentication algorithm'],
  [0x05, 'the BMC does not offer the integrity algorithm'],
  [0x08, 'the session is not active'],
  [0x09, 'the privilege level is invalid'],
  [0x0a, 'the user may not have that privilege level'],
  [0x0b, 'the BMC has no free session for that privilege level'],
  [0x0c, 'the user name is too long'],
  [0x0d, 'the user name or privilege level is not accepted'],
  [0x0f, 'the password or the BMC key is wrong'],
  [0x10, 'the BMC does not offer the confidentiality algorithm'],
  [0x11, 'the BMC does not offer the cipher suite'],
  [0x12, 'the BMC rejects a parameter'],
]);

/** A RAKP status in words. */
export function rakpStatusWords(status: number): string {
  return statusWords.get(status) ?? `RAKP status 0x${status.toString(16).padStart(2, '0')}`;
}

export interface OpenSessionRequest {
  readonly tag: number;
  /** The wanted highest privilege; 0: as high as the suite allows. */
  readonly privilege: number;
  readonly consoleSessionId: number;
  /** The algorithm numbers proposed; undefined: the BMC may choose. */
  readonly authentication: number | undefined;
  readonly integrity: number | undefined;
  readonly confidentiality: number | undefined;
}

export interface OpenSessionResponse {
  readonly tag: number;
  readonly status: number;
  readonly privilege: number;
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  readonly suite: CipherSuite | undefined;
}

export interface Rakp1 {
  readonly tag: number;
  readonly bmcSessionId: number;
  readonly consoleRandom: Buffer;
  readonly role: number;
  readonly userName: Buffer;
}

export interface Rakp2 {
  readonly tag: number;
  readonly status: number;
  readonly consoleSessionId: number;
  readonly bmcRandom: Buffer;
  readonly guid: Buffer;
  readonly code: Buffer;
}

/** RAKP 3 and RAKP 4 have the same form: the receiver's session id, and a code. */
export interface RakpProof {
  readonly tag: number;
  readonly status: number;
  readonly sessionId: number;
  readonly code: Buffer;
}

const longestName = 16;

function algorithms(numbers: readonly number[]): Buffer {
  return Buffer.from(numbers.flatMap((number, type) => [type, 0, 0, 8, number, 0, 0, 0]));
}

/** Whether the suite's algorithms are those proposed. */
export function proposes(
  request: Pick<OpenSessionRequest, 'authentication' | 'integrity' | 'confidentiality'>,
  suite: CipherSuite,
): boolean {
  return (
    (request.authentication ?? suite.authentication.number) === suite.authentication.number &&
    (request.integrity ?? suite.integrity.number) === suite.integrity.number &&
    (request.confidentiality ?? suite.confidentiality) === suite.confidentiality
  );
}

function tagStatusId(tag: number, status: number, privilege: number, id: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.set([tag, status, privilege]);
  bytes.writeUInt32LE(id, 4);
  return bytes;
}

export function encodeOpenSessionRequest(request: {
  tag: number;
  privilege: number;
  consoleSessionId: number;
  suite: CipherSuite;
}): Buffer {
  const { authentication, integrity, confidentiality } = request.suite;
  return Buffer.concat([
    tagStatusId(request.tag, request.privilege, 0, request.consoleSessionId),
    algorithms([authentication.number, integrity.number, confidentiality]),
  ]);
}

export function decodeOpenSessionRequest(payload: Buffer): OpenSessionRequest | undefined {
  if (payload.length !== 32) return undefined;
  const proposed: (number | undefined)[] = [];
  for (const type of [0, 1, 2]) {
    const at = 8 + 8 * type;
    const length = payload.readUInt8(at + 3);
    if (payload[at] !== type || (length !== 8 && length !== 0)) return undefined;
    proposed.push(length === 0 ? undefined : payload.readUInt8(at + 4) & 0x3f);
  }
  return {
    tag: payload.readUInt8(0),
    privilege: payload.readUInt8(1) & 0x0f,
    consoleSessionId: payload.readUInt32LE(4),
    authentication: proposed[0],
    integrity: proposed[1],
    confidentiality: proposed[2],
  };
}

/** The answer to an open session request; with `suite` undefined the short form that carries an error status. */
export function encodeOpenSessionResponse(response: OpenSessionResponse): Buffer {
  const start = tagStatusId(response.tag, response.status, response.privilege, response.consoleSessionId);
  if (!response.suite) return start;
  const id = Buffer.alloc(4);
  id.writeUInt32LE(response.bmcSessionId);
  const { authentication, integrity, confidentiality } = response.suite;
  return Buffer.concat([start, id, algorithms([authentication.number, integrity.number, confidentiality])]);
}

export function decodeOpenSessionResponse(payload: Buffer): OpenSessionResponse | undefined {
  if (payload.length < 2) return undefined;
  const status = payload.readUInt8(1);
  if (status !== rakpStatus.ok || payload.length < 36) {
    if (status === rakpStatus.ok) return undefined;
    return {
      tag: payload.readUInt8(0),
      status,
      privilege: 0,
      consoleSessionId: payload.length >= 8 ? payload.readUInt32LE(4) : 0,
      bmcSessionId: 0,
      suite: undefined,
    };
  }
  const chosen = {
    authentication: payload.readUInt8(16) & 0x3f,
    integrity: payload.readUInt8(24) & 0x3f,
    confidentiality: payload.readUInt8(32) & 0x3f,
  };
  return {
    tag: payload.readUInt8(0),
    status,
    privilege: payload.readUInt8(2),
    consoleSessionId: payload.readUInt32LE(4),
    bmcSessionId: payload.readUInt32LE(8),
    suite: cipherSuites.find((suite) => proposes(chosen, suite)),
  };
}

export function encodeRakp1(message: Rakp1): Buffer {
  return Buffer.concat([
    tagStatusId(message.tag, 0, 0, message.bmcSessionId),
    message.consoleRandom,
    Buffer.from([message.role, 0, 0, message.userName.length]),
    message.userName,
  ]);
}

/** A name longer than 16 bytes is answered too: the BMC has a status for it. */
export function decodeRakp1(payload: Buffer): Rakp1 | undefined {
  if (payload.length < 28) return undefined;
  const nameLength = payload.readUInt8(27);
  // Some consoles always send 16 bytes of name field; what counts is the length.
  if (payload.length < 28 + nameLength || payload.length > 28 + Math.max(nameLength, longestName))
    return undefined;
  return {
    tag: payload.readUInt8(0),
    bmcSessionId: payload.readUInt32LE(4),
    consoleRandom: payload.subarray(8, 24),
    role: payload.readUInt8(24),
    userName: payload.subarray(28, 28 + nameLength),
  };
}

export function encodeRakp2(message: Rakp2): Buffer {
  const start = tagStatusId(message.tag, message.status, 0, message.consoleSessionId);
  if (message.status !== rakpStatus.ok) return start;
  return Buffer.concat([start, message.bmcRandom, message.guid, message.code]);
}

export function decodeRakp2(payload: Buffer): Rakp2 | undefined {
  if (payload.length < 8) return undefined;
  const status = payload.readUInt8(1);
  if (status === rakpStatus.ok && payload.length < 40) return undefined;
  return {
    tag: payload.readUInt8(0),
    status,
    consoleSessionId: payload.readUInt32LE(4),
    bmcRandom: payload.subarray(8, 24),
    guid: payload.subarray(24, 40),
    code: payload.subarray(40),
  };
}

export function encodeRakpProof(message: RakpProof): Buffer {
  return Buffer.concat([tagStatusId(message.tag, message.status, 0, message.sessionId), message.code]);
}

export function decodeRakpProof(payload: Buffer): RakpProof | undefined {
  if (payload.length < 8) return undefined;
  return {
    tag: payload.readUInt8(0),
    status: payload.readUInt8(1),
    sessionId: payload.readUInt32LE(4),
    code: payload.subarray(8),
  };
}
