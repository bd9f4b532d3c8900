/** Log-in by IPMI 1.5: Get Session Challenge and Activate Session (IPMI 2.0 sections 22.16 and 22.17). */
import type { Clock } from './clock.ts';
import { completion, fail, ok, type Reply } from './completion.ts';
import { type Ipmi15Packet, isAuthenticationType, isSigned } from './ipmi15-packet.ts';
import type { LoginGuard } from './login-guard.ts';
import { isSessionPrivilege, privilege } from './privilege.ts';
import { SequenceWindow } from './sequence-window.ts';
import type { Peer, Session15 } from './session.ts';
import type { SessionTable } from './session-table.ts';
import type { BmcState } from './state.ts';
import { findLogin, nameOf, passwordBytes } from './users.ts';

const challengeLength = 16;
const challengeLimitMs = 30_000;
const mostChallenges = 64;
/** A packet may be this far ahead of the last one (section 6.12.12 asks for 8). */
const ahead = 16;

const noSlot = 0x81;
const tooHigh = 0x86;

export interface Ipmi15LoginParts {
  readonly state: () => BmcState;
  readonly channelLimit: () => number;
  readonly sessions: SessionTable;
  readonly guard: LoginGuard;
  readonly clock: Clock;
  readonly random: (length: number) => Buffer;
  readonly loggedIn: (session: Session15) => void;
  readonly refused: (peer: Peer, userName: string) => void;
}

interface Challenge {
  readonly type: number;
  readonly userName: string;
  readonly challenge: Buffer;
  readonly peer: Peer;
  readonly cancelTimeout: () => void;
  /** What came of it, for the same request again: its answer was lost. */
  done: { readonly request: Buffer; readonly activation: Required<Activation> } | undefined;
}

/** The answer to Activate Session; `session` is what it is signed for, if it began one. */
export interface Activation {
  readonly reply: Reply;
  readonly session?: Session15;
}

export class Ipmi15Login {
  readonly #parts: Ipmi15LoginParts;
  readonly #challenges = new Map<number, Challenge>();

  constructor(parts: Ipmi15LoginParts) {
    this.#parts = parts;
  }

  /** Get Session Challenge. Every name gets one, so that nobody learns which names exist. */
  challenge(peer: Peer, data: Buffer): { reply: Reply; delayMs: number } {
    const type = data.readUInt8(0) & 0x0f;
    if (!isAuthenticationType(type)) return { reply: fail(completion.invalidField), delayMs: 0 };
    const { clock, random, guard } = this.#parts;
    const userName = nameOf(data.subarray(1, 17));
    const id = this.#freeId();
    const challenge = random(challengeLength);
    const oldest = this.#challenges.keys().next().value;
    if (this.#challenges.size >= mostChallenges && oldest !== undefined) this.#forget(oldest);
    const cancelTimeout = clock.after(challengeLimitMs, () => this.#forget(id));
    this.#challenges.set(id, { type, userName, challenge, peer, cancelTimeout, done: undefined });
    const answer = Buffer.alloc(4 + challengeLength);
    answer.writeUInt32LE(id, 0);
    challenge.copy(answer, 4);
    return { reply: ok(answer), delayMs: guard.delay(peer.address, userName) };
  }

  /** Activate Session; undefined when it stays unanswered, as it does when it is not signed as it should be. */
  activate(peer: Peer, packet: Ipmi15Packet, data: Buffer): Activation | undefined {
    const challenge = this.#challenges.get(packet.sessionId);
    if (!challenge || data.length !== 22 || challenge.peer.address !== peer.address) return undefined;
    if (challenge.done) {
      const { request, activation } = challenge.done;
      return request.equals(data) && isSigned(packet, activation.session.password) ? activation : undefined;
    }
    const { state, sessions, guard, refused, channelLimit, random, loggedIn } = this.#parts;
    const role = data.readUInt8(1) & 0x0f;
    const userId = findLogin(state().users, challenge.userName, role);
    const user = userId === undefined ? undefined : state().users[userId - 1];
    // A password of more than 16 bytes is for RMCP+ alone (section 22.30).
    const password = user?.passwordSize === 16 ? passwordBytes(user) : undefined;
    const isRight =
      password !== undefined &&
      packet.authenticationType === challenge.type &&
      (data.readUInt8(0) & 0x0f) === challenge.type &&
      data.subarray(2, 18).equals(challenge.challenge) &&
      isSigned(packet, password);
    if (userId === undefined || !password || !isRight || !isAuthenticationType(challenge.type)) {
      this.#forget(packet.sessionId);
      guard.failed(peer.address, challenge.userName);
      refused(peer, challenge.userName);
      return undefined;
    }
    const limit = Math.min(user?.privilege ?? 0, channelLimit());
    if (!isSessionPrivilege(role)) return { reply: fail(completion.invalidField) };
    if (role > limit) return { reply: fail(tooHigh) };
    if (sessions.isFull) return { reply: fail(noSlot) };
    const first = (random(4).readUInt32LE(0) >>> 1) + 1;
    const session: Session15 = {
      version: '1.5',
      id: this.#freeId(),
      handle: sessions.freeHandle(),
      userId,
      userName: challenge.userName,
      limit: role,
      level: Math.min(privilege.user, role),
      peer,
      outbound: data.readUInt32LE(18),
      inbound: new SequenceWindow(first, ahead),
      answered: [],
      requests: 0,
      type: challenge.type,
      password,
    };
    guard.succeeded(peer.address, challenge.userName);
    sessions.add(session);
    loggedIn(session);
    const answer = Buffer.alloc(10);
    answer[0] = challenge.type;
    answer.writeUInt32LE(session.id, 1);
    answer.writeUInt32LE(first, 5);
    answer[9] = role;
    const activation = { reply: ok(answer), session };
    challenge.done = { request: Buffer.from(data), activation };
    return activation;
  }

  close(): void {
    for (const id of [...this.#challenges.keys()]) this.#forget(id);
  }

  #freeId(): number {
    for (;;) {
      const id = this.#parts.random(4).readUInt32LE(0);
      if (id !== 0 && !this.#challenges.has(id) && !this.#parts.sessions.get(id)) return id;
    }
  }

  #forget(id: number): void {
    this.#challenges.get(id)?.cancelTimeout();
    this.#challenges.delete(id);
  }
}
