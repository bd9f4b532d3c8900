import type { CipherSuite } from './cipher-suites.ts';
import type { Clock } from './clock.ts';
import type { RakpExchange } from './rakp.ts';
import type { Peer } from './session.ts';

/** How far one console has come with its log-in by RMCP+. */
export interface Handshake {
  readonly id: number;
  readonly consoleId: number;
  readonly suite: CipherSuite;
  /** The highest privilege granted by the open session response. */
  readonly granted: number;
  readonly peer: Peer;
  readonly openedAt: number;
  readonly request: Buffer;
  readonly response: Buffer;
  readonly bmcRandom: Buffer;
  login: Login | undefined;
  /** The session that came of it: RAKP 3 may be repeated when RAKP 4 was lost. */
  isSession: boolean;
}

/** What RAKP 1 has settled. */
export interface Login {
  readonly exchange: RakpExchange;
  readonly userName: string;
  readonly userId: number | undefined;
  readonly password: Buffer;
  readonly limit: number;
}

/** A handshake must end within this time. */
const handshakeLimitMs = 30_000;
/** Handshakes under way at a time; the oldest gives way, so that a flood of them keeps nobody out for long. */
const mostHandshakes = 128;

/** The handshakes under way. They are bounded in number and in time. */
export class HandshakeTable {
  readonly #clock: Clock;
  readonly #random: (length: number) => Buffer;
  readonly #isTaken: (id: number) => boolean;
  readonly #handshakes = new Map<number, { handshake: Handshake; cancelTimeout: () => void }>();

  /** @param isTaken whether an id is that of a session */
  constructor(clock: Clock, random: (length: number) => Buffer, isTaken: (id: number) => boolean) {
    this.#clock = clock;
    this.#random = random;
    this.#isTaken = isTaken;
  }

  get size(): number {
    return this.#handshakes.size;
  }

  /** The handshake with this id, if it is with this peer. */
  get(id: number, peer: Peer): Handshake | undefined {
    const handshake = this.#handshakes.get(id)?.handshake;
    return handshake && samePeer(handshake.peer, peer) ? handshake : undefined;
  }

  /** The handshake that this peer opened with these very bytes. */
  opened(peer: Peer, request: Buffer): Handshake | undefined {
    return [...this.#handshakes.values()]
      .map(({ handshake }) => handshake)
      .find((handshake) => samePeer(handshake.peer, peer) && handshake.request.equals(request));
  }

  add(handshake: Handshake): void {
    const oldest = this.#handshakes.keys().next().value;
    if (this.#handshakes.size >= mostHandshakes && oldest !== undefined) this.forget(oldest);
    const { id } = handshake;
    const cancelTimeout = this.#clock.after(handshakeLimitMs, () => this.forget(id));
    this.#handshakes.set(id, { handshake, cancelTimeout });
  }

  /** An id that neither a handshake nor a session has. */
  freeId(): number {
    for (;;) {
      const id = this.#random(4).readUInt32LE(0);
      if (id !== 0 && !this.#handshakes.has(id) && !this.#isTaken(id)) return id;
    }
  }

  forget(id: number): void {
    this.#handshakes.get(id)?.cancelTimeout();
    this.#handshakes.delete(id);
  }

  clear(): void {
    for (const id of [...this.#handshakes.keys()]) this.forget(id);
  }
}

function samePeer(one: Peer, other: Peer): boolean {
  return one.address === other.address && one.port === other.port;
}
