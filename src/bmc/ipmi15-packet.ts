/**
 * The session header of IPMI 1.5 (IPMI 2.0 section 13.6, table 13-8) and its authentication codes (section
 * 22.17.1). Pure: bytes in, values out.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export const authenticationType = { none: 0, md5: 2, password: 4, rmcpPlus: 6 } as const;

/** The authentication types of IPMI 1.5 spoken here. MD2 is left out: no client needs it. */
export type AuthenticationType = typeof authenticationType.md5 | typeof authenticationType.password;

export interface Ipmi15Packet {
  readonly authenticationType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes; empty when the type is none. */
  readonly authenticationCode: Buffer;
  readonly message: Buffer;
}

const codeLength = 16;

/** The session packet in an RMCP body; undefined when it is cut short or of an unknown authentication type. */
export function decodeIpmi15(body: Buffer): Ipmi15Packet | undefined {
  if (body.length < 10) return undefined;
  const type = body.readUInt8(0);
  if (type !== authenticationType.none && !isAuthenticationType(type)) return undefined;
  const coded = type === authenticationType.none ? 0 : codeLength;
  const lengthAt = 9 + coded;
  if (body.length <= lengthAt) return undefined;
  const end = lengthAt + 1 + body.readUInt8(lengthAt);
  // One byte more is the legacy pad of table 13-8.
  if (body.length < end || body.length > end + 1) return undefined;
  return {
    authenticationType: type,
    sequence: body.readUInt32LE(1),
    sessionId: body.readUInt32LE(5),
    authenticationCode: body.subarray(9, lengthAt),
    message: body.subarray(lengthAt + 1, end),
  };
}

export function isAuthenticationType(type: number): type is AuthenticationType {
  return type === authenticationType.md5 || type === authenticationType.password;
}

/** The RMCP body of an unauthenticated packet outside any session. */
export function encodeSessionless15(message: Buffer): Buffer {
  const header = Buffer.alloc(10);
  header[9] = message.length;
  return Buffer.concat([header, message]);
}

/** The RMCP body of a packet inside a session, signed with the user's password. */
export function encodeIpmi15(
  packet: { type: AuthenticationType; sequence: number; sessionId: number; message: Buffer },
  password: Buffer,
): Buffer {
  const header = Buffer.alloc(9);
  header[0] = packet.type;
  header.writeUInt32LE(packet.sequence, 1);
  header.writeUInt32LE(packet.sessionId, 5);
  return Buffer.concat([
    header,
    authenticationCode(packet.type, password, packet),
    Buffer.from([packet.message.length]),
    packet.message,
  ]);
}

/** Whether the packet's code was made with this password. */
export function isSigned(packet: Ipmi15Packet, password: Buffer): boolean {
  if (!isAuthenticationType(packet.authenticationType)) return false;
  const expected = authenticationCode(packet.authenticationType, password, packet);
  return timingSafeEqual(expected, packet.authenticationCode);
}

function authenticationCode(
  type: AuthenticationType,
  password: Buffer,
  packet: { sequence: number; sessionId: number; message: Buffer },
): Buffer {
  const padded = Buffer.alloc(codeLength);
  password.copy(padded);
  if (type === authenticationType.password) return padded;
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(packet.sessionId, 0);
  numbers.writeUInt32LE(packet.sequence, 4);
  return createHash('md5')
    .update(padded)
    .update(numbers.subarray(0, 4))
    .update(packet.message)
    .update(numbers.subarray(4))
    .update(padded)
    .digest();
}
