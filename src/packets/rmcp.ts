import { applications, type Dissection } from './dissection.ts';

/** Of the BMC, and of its secure extension (DMTF DSP0136). */
export const rmcpPorts: readonly number[] = [623, 664];

const classes = { asf: 6, ipmi: 7 } as const;

/** The outer headers of an IPMI-over-LAN or ASF message (IPMI 2.0 sections 13.1 to 13.6, DSP0136). */
export interface Rmcp {
  /** Message class: 6 ASF, 7 IPMI. */
  readonly class: number;
  readonly seq: number;
  /** An acknowledgement, which has no data. */
  readonly ack?: true;
  /** ASF: 0x80 presence ping, 0x40 presence pong. */
  readonly asfType?: number;
  readonly ipmi?: IpmiSession;
}

/** An IPMI session header. */
export interface IpmiSession {
  /** 0 none, 1 MD2, 2 MD5, 4 password, 5 OEM, 6 RMCP+. */
  readonly authType: number;
  /** '0x' and eight hexadecimal digits; all zero before a session is open. */
  readonly sessionId: string;
  readonly seq: number;
  /** Bytes of payload. */
  readonly length: number;
  /** RMCP+: 0 IPMI message, 1 SOL, 0x10 and 0x11 open session, 0x12 to 0x15 RAKP 1 to 4. */
  readonly payloadType?: number;
  readonly encrypted?: boolean;
  readonly authenticated?: boolean;
  /** Of an IPMI message that is not encrypted. */
  readonly netFn?: number;
  readonly command?: number;
}

export function dissectRmcp(d: Dissection): boolean {
  if (d.payloadEnd - d.payloadAt < 4) return d.fail('rmcp: the header is cut short');
  d.application = applications.rmcp;
  return true;
}

export function readRmcp({ upper, payloadAt: at, payloadEnd: end }: Dissection): Rmcp {
  const messageClass = (upper[at + 3] as number) & 0x1f;
  const seq = upper[at + 2] as number;
  const rmcp = { class: messageClass, seq };
  if ((upper[at + 3] as number) & 0x80) return { ...rmcp, ack: true };
  if (messageClass === classes.asf && end - at >= 12) return { ...rmcp, asfType: upper[at + 8] as number };
  const ipmi = messageClass === classes.ipmi ? readSession(upper, at + 4, end) : undefined;
  return ipmi ? { ...rmcp, ipmi } : rmcp;
}

const authTypes = { none: 0, rmcpPlus: 6 } as const;

function readSession(bytes: Uint8Array, at: number, end: number): IpmiSession | undefined {
  if (at >= end) return undefined;
  const authType = (bytes[at] as number) & 0x0f;
  if (authType === authTypes.rmcpPlus) return readRmcpPlus(bytes, at, end);
  const lengthAt = at + 9 + (authType === authTypes.none ? 0 : 16);
  if (lengthAt >= end) return undefined;
  return {
    authType,
    sessionId: sessionId(bytes, at + 5),
    seq: little32(bytes, at + 1),
    length: bytes[lengthAt] as number,
    ...readMessage(bytes, lengthAt + 1, end),
  };
}

const oemPayload = 2;

function readRmcpPlus(bytes: Uint8Array, at: number, end: number): IpmiSession | undefined {
  if (at + 2 > end) return undefined;
  const flags = bytes[at + 1] as number;
  const payloadType = flags & 0x3f;
  // An explicit OEM payload names its maker before the session id.
  const session = at + 2 + (payloadType === oemPayload ? 6 : 0);
  if (session + 10 > end) return undefined;
  const encrypted = (flags & 0x80) !== 0;
  return {
    authType: authTypes.rmcpPlus,
    payloadType,
    encrypted,
    authenticated: (flags & 0x40) !== 0,
    sessionId: sessionId(bytes, session),
    seq: little32(bytes, session + 4),
    length: little16(bytes, session + 8),
    ...(payloadType === 0 && !encrypted ? readMessage(bytes, session + 10, end) : {}),
  };
}

/** Network function and command of the IPMI message at `at` (IPMI 2.0 section 13.8). */
function readMessage(
  bytes: Uint8Array,
  at: number,
  end: number,
): { netFn: number; command: number } | undefined {
  if (end - at < 7) return undefined;
  return { netFn: (bytes[at + 1] as number) >> 2, command: bytes[at + 5] as number };
}

function sessionId(bytes: Uint8Array, at: number): string {
  return `0x${little32(bytes, at).toString(16).padStart(8, '0')}`;
}

/** Unlike the Internet's protocols, IPMI's numbers are least significant byte first. */
function little16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function little32(bytes: Uint8Array, at: number): number {
  return (little16(bytes, at) | (little16(bytes, at + 2) << 16)) >>> 0;
}
