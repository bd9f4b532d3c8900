/** The BMC's side of the RMCP+ handshake: open session request, RAKP 1 and RAKP 3 (IPMI 2.0 section 13.17 on). */
import type { CipherSuite } from './cipher-suites.ts';
import type { Clock } from './clock.ts';
import { type Handshake, HandshakeTable, type Login } from './handshake-table.ts';
import { suitePrivilege } from './lan-configuration.ts';
import type { LoginGuard } from './login-guard.ts';
import { isSessionPrivilege, privilege } from './privilege.ts';
import {
  isSameCode,
  type RakpExchange,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sessionIntegrityKey,
  sessionKeys,
} from './rakp.ts';
import {
  decodeOpenSessionRequest,
  decodeRakp1,
  decodeRakpProof,
  encodeOpenSessionResponse,
  encodeRakp2,
  encodeRakpProof,
  proposes,
  rakpStatus,
} from './rakp-messages.ts';
import { payloadType } from './rmcpplus-packet.ts';
import { SequenceWindow } from './sequence-window.ts';
import type { Peer, Session20 } from './session.ts';
import type { SessionTable } from './session-table.ts';
import type { BmcState } from './state.ts';
import { findLogin, nameLength, passwordBytes } from './users.ts';

/** A datagram that was repeated on its way comes within this time; a console that asks again takes longer. */
const lateCopyMs = 400;
/** How far a signed packet may run ahead of the last one, and how far an unsigned one may. */
const signedAhead = 2 ** 31;
const unsignedAhead = 16;

export interface RmcpPlusLoginParts {
  readonly state: () => BmcState;
  /** The highest privilege on the channel. */
  readonly channelLimit: () => number;
  readonly suites: readonly CipherSuite[];
  readonly sessions: SessionTable;
  readonly guard: LoginGuard;
  readonly clock: Clock;
  readonly random: (length: number) => Buffer;
  /** Stands in for the password of a user that does not exist, so that nothing tells them apart. */
  readonly decoyKey: (userName: Buffer) => Buffer;
  readonly loggedIn: (session: Session20) => void;
  /** A log-in failed for want of the right name or password. */
  readonly refused: (peer: Peer, userName: string) => void;
}

/** What a handshake message is answered with. */
export interface LoginAnswer {
  readonly payloadType: number;
  readonly payload: Buffer;
  /** How long the answer is held back, in ms. */
  readonly delayMs: number;
}

export class RmcpPlusLogin {
  readonly #parts: RmcpPlusLoginParts;
  readonly #handshakes: HandshakeTable;

  constructor(parts: RmcpPlusLoginParts) {
    this.#parts = parts;
    const isTaken = (id: number) => parts.sessions.get(id) !== undefined;
    this.#handshakes = new HandshakeTable(parts.clock, parts.random, isTaken);
  }

  /** How many handshakes are under way. */
  get size(): number {
    return this.#handshakes.size;
  }

  /** The answer to a handshake payload; undefined when it stays unanswered. */
  receive(peer: Peer, type: number, payload: Buffer): LoginAnswer | undefined {
    switch (type) {
      case payloadType.openSessionRequest:
        return this.#open(peer, payload);
      case payloadType.rakp1:
        return this.#rakp1(peer, payload);
      case payloadType.rakp3:
        return this.#rakp3(peer, payload);
      default:
        return undefined;
    }
  }

  close(): void {
    this.#handshakes.clear();
  }

  #open(peer: Peer, payload: Buffer): LoginAnswer | undefined {
    const request = decodeOpenSessionRequest(payload);
    if (!request) return undefined;
    const again = this.#handshakes.opened(peer, payload);
    if (again && !again.isSession) return answer(payloadType.openSessionResponse, again.response);
    // A session came of it already: this is a copy that was late, or, later, a console that begins anew.
    if (again && this.#parts.clock.now() - again.openedAt < lateCopyMs) return undefined;

    const suite = this.#choose(request);
    const refuse = (status: number) =>
      answer(
        payloadType.openSessionResponse,
        encodeOpenSessionResponse({ ...request, status, privilege: 0, bmcSessionId: 0, suite: undefined }),
      );
    if (!suite) return refuse(rakpStatus.noMatchingSuite);
    if (request.privilege > privilege.administrator) return refuse(rakpStatus.invalidRole);
    if (request.consoleSessionId === 0) return refuse(rakpStatus.illegalParameter);
    if (this.#parts.sessions.isFull) return refuse(rakpStatus.insufficientResources);

    const highest = suitePrivilege(this.#parts.state(), this.#parts.suites, suite.id);
    const granted = request.privilege === 0 ? highest : Math.min(request.privilege, highest);
    const id = this.#handshakes.freeId();
    const response = encodeOpenSessionResponse({
      ...request,
      status: rakpStatus.ok,
      privilege: granted,
      bmcSessionId: id,
      suite,
    });
    this.#handshakes.add({
      id,
      consoleId: request.consoleSessionId,
      suite,
      granted,
      peer,
      openedAt: this.#parts.clock.now(),
      request: Buffer.from(payload),
      response,
      bmcRandom: this.#parts.random(16),
      login: undefined,
      isSession: false,
    });
    return answer(payloadType.openSessionResponse, response);
  }

  #rakp1(peer: Peer, payload: Buffer): LoginAnswer | undefined {
    const message = decodeRakp1(payload);
    const handshake = message && this.#handshakes.get(message.bmcSessionId, peer);
    if (!message || !handshake || handshake.isSession) return undefined;
    const refuse = (status: number) =>
      answer(
        payloadType.rakp2,
        encodeRakp2({
          tag: message.tag,
          status,
          consoleSessionId: handshake.consoleId,
          bmcRandom: empty,
          guid: empty,
          code: empty,
        }),
      );
    const role = message.role & 0x0f;
    if (message.userName.length > nameLength) return refuse(rakpStatus.invalidNameLength);
    if (!isSessionPrivilege(role)) return refuse(rakpStatus.invalidRole);
    if (role > handshake.granted) return refuse(rakpStatus.unauthorizedRole);

    const { guard, decoyKey, state, channelLimit } = this.#parts;
    const userName = message.userName.toString('latin1');
    const userId = findLogin(state().users, userName, role);
    const user = userId === undefined ? undefined : state().users[userId - 1];
    const guid = Buffer.from(state().guid, 'hex');
    const exchange: RakpExchange = {
      consoleSessionId: handshake.consoleId,
      bmcSessionId: handshake.id,
      consoleRandom: Buffer.from(message.consoleRandom),
      bmcRandom: handshake.bmcRandom,
      guid,
      role: message.role,
      userName: Buffer.from(message.userName),
    };
    const password = user ? passwordBytes(user) : decoyKey(message.userName);
    const limit = Math.min(user?.privilege ?? 0, channelLimit());
    handshake.login = { exchange, userName, userId, password, limit };
    const code = rakp2Code(handshake.suite, password, exchange);
    return answer(
      payloadType.rakp2,
      encodeRakp2({
        tag: message.tag,
        status: rakpStatus.ok,
        consoleSessionId: handshake.consoleId,
        bmcRandom: handshake.bmcRandom,
        guid,
        code,
      }),
      guard.delay(peer.address, userName),
    );
  }

  #rakp3(peer: Peer, payload: Buffer): LoginAnswer | undefined {
    const message = decodeRakpProof(payload);
    const handshake = message && this.#handshakes.get(message.sessionId, peer);
    if (!message || !handshake?.login) return undefined;
    if (handshake.isSession && !this.#mayHaveMissedProof(handshake)) return undefined;
    const { suite, login, consoleId } = handshake;
    const reply = (status: number, code: Buffer = empty) =>
      answer(payloadType.rakp4, encodeRakpProof({ tag: message.tag, status, sessionId: consoleId, code }));

    if (message.status !== rakpStatus.ok) {
      // The console gave up, as it does when the password is wrong: RAKP 2 told it first.
      if (!handshake.isSession) this.#fail(handshake);
      return undefined;
    }
    const expected = rakp3Code(suite, login.password, login.exchange);
    if (login.userId === undefined || !isSameCode(expected, message.code)) {
      if (!handshake.isSession) this.#fail(handshake);
      return reply(rakpStatus.invalidIntegrityCheck);
    }
    // Only one who knows the password learns that the privilege is too high.
    if ((login.exchange.role & 0x0f) > login.limit) {
      this.#handshakes.forget(handshake.id);
      return reply(rakpStatus.unauthorizedRole);
    }
    const kg = this.#parts.state().kg;
    const sik = sessionIntegrityKey(
      suite,
      login.password,
      kg === '' ? undefined : Buffer.from(kg, 'hex'),
      login.exchange,
    );
    if (!handshake.isSession) {
      if (this.#parts.sessions.isFull) {
        this.#handshakes.forget(handshake.id);
        return reply(rakpStatus.insufficientResources);
      }
      this.#begin(handshake, login, login.userId, sik);
    }
    return reply(rakpStatus.ok, rakp4Code(suite, sik, login.exchange));
  }

  /** Whether RAKP 4 may have been lost: the session is there, and its console has not yet used it. */
  #mayHaveMissedProof({ id, openedAt }: Handshake): boolean {
    const session = this.#parts.sessions.get(id);
    return session?.requests === 0 && this.#parts.clock.now() - openedAt >= lateCopyMs;
  }

  #begin(handshake: Handshake, login: Login, userId: number, sik: Buffer): void {
    const { sessions, guard, loggedIn } = this.#parts;
    const { suite, peer } = handshake;
    const limit = Math.min(login.limit, handshake.granted, login.exchange.role & 0x0f);
    const session: Session20 = {
      version: '2.0',
      id: handshake.id,
      consoleId: handshake.consoleId,
      handle: sessions.freeHandle(),
      userId,
      userName: login.userName,
      limit,
      level: Math.min(privilege.user, limit),
      peer,
      outbound: 1,
      inbound: new SequenceWindow(1, suite.integrity.method === 'none' ? unsignedAhead : signedAhead),
      answered: [],
      requests: 0,
      keys: sessionKeys(suite, sik, login.password),
    };
    handshake.isSession = true;
    guard.succeeded(peer.address, login.userName);
    sessions.add(session);
    loggedIn(session);
  }

  #choose(request: Parameters<typeof proposes>[0] & { privilege: number }): CipherSuite | undefined {
    const { state, suites } = this.#parts;
    // Left the choice, a BMC takes the strongest suite that fits.
    return [...suites]
      .reverse()
      .find((suite) => proposes(request, suite) && suitePrivilege(state(), suites, suite.id) > 0);
  }

  #fail(handshake: Handshake): void {
    if (handshake.login) {
      const { peer, login } = handshake;
      this.#parts.guard.failed(peer.address, login.userName);
      this.#parts.refused(peer, login.userName);
    }
    this.#handshakes.forget(handshake.id);
  }
}

const empty = Buffer.alloc(0);

function answer(type: number, payload: Buffer, delayMs = 0): LoginAnswer {
  return { payloadType: type, payload, delayMs };
}
