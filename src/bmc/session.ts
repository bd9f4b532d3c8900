import { type AuthenticationType, encodeIpmi15 } from './ipmi15-packet.ts';
import { encodeRmcpIpmi } from './rmcp.ts';
import { type SessionKeys, sealPacket } from './rmcpplus-packet.ts';
import { nextSequence, type SequenceWindow } from './sequence-window.ts';

/** Where a datagram came from and an answer goes. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** A request that must not be carried out twice, so that its retransmission is told apart. */
export interface Answered {
  /** The request's bytes after the session header. */
  readonly request: Buffer;
  readonly at: number;
  /** How many requests the session had made before it. */
  readonly before: number;
  /** The response's bytes; undefined while the request is being carried out. */
  response: Buffer | undefined;
}

interface SessionBase {
  /** The BMC's id of the session. */
  readonly id: number;
  /** 1-63. */
  readonly handle: number;
  readonly userId: number;
  readonly userName: string;
  /** The highest privilege that the session may reach. */
  readonly limit: number;
  level: number;
  /** Where the latest good packet came from. */
  peer: Peer;
  /** The next sequence number towards the console. */
  outbound: number;
  readonly inbound: SequenceWindow;
  answered: Answered[];
  /** How many requests it has made. */
  requests: number;
}

/** A session of IPMI 1.5. */
export interface Session15 extends SessionBase {
  readonly version: '1.5';
  readonly type: AuthenticationType;
  readonly password: Buffer;
}

/** A session of RMCP+. */
export interface Session20 extends SessionBase {
  readonly version: '2.0';
  /** The console's id of the session: what its packets are addressed with. */
  readonly consoleId: number;
  readonly keys: SessionKeys;
}

export type Session = Session15 | Session20;

/** The datagram that carries a payload to the session's console. It takes the next sequence number. */
export function sessionDatagram(
  session: Session,
  payloadType: number,
  payload: Buffer,
  random: (length: number) => Buffer,
): Buffer {
  const sequence = session.outbound;
  session.outbound = nextSequence(sequence);
  if (session.version === '1.5') {
    return encodeRmcpIpmi(
      encodeIpmi15(
        { type: session.type, sequence, sessionId: session.id, message: payload },
        session.password,
      ),
    );
  }
  const packet = { payloadType, sessionId: session.consoleId, sequence, payload };
  return encodeRmcpIpmi(sealPacket(session.keys, packet, random));
}
