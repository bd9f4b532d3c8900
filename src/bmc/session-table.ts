import type { Clock } from './clock.ts';
import type { Peer, Session } from './session.ts';

/** A session ends after this long without a good packet (IPMI 2.0 section 6.12.15). */
const idleLimitMs = 60_000;

const highestHandle = 63;

/** The active sessions of a BMC. They are bounded in number and end by themselves when idle. */
export class SessionTable {
  readonly limit: number;
  readonly #clock: Clock;
  readonly #ended: (session: Session) => void;
  readonly #sessions = new Map<number, { session: Session; cancelTimeout: () => void }>();
  #lastHandle = 0;

  /**
   * @param limit how many sessions there may be at a time, 1-63
   * @param ended called for every session that ends, however it does
   */
  constructor(limit: number, clock: Clock, ended: (session: Session) => void) {
    this.limit = limit;
    this.#clock = clock;
    this.#ended = ended;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get isFull(): boolean {
    return this.#sessions.size >= this.limit;
  }

  get(id: number): Session | undefined {
    return this.#sessions.get(id)?.session;
  }

  all(): Session[] {
    return [...this.#sessions.values()].map(({ session }) => session);
  }

  /** A handle that no session has. */
  freeHandle(): number {
    const taken = new Set(this.all().map((session) => session.handle));
    do {
      this.#lastHandle = (this.#lastHandle % highestHandle) + 1;
    } while (taken.has(this.#lastHandle));
    return this.#lastHandle;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, { session, cancelTimeout: this.#expiry(session.id) });
  }

  /** The session has just been heard of, from this peer. */
  heard(session: Session, peer: Peer): void {
    const entry = this.#sessions.get(session.id);
    if (!entry) return;
    session.peer = peer;
    entry.cancelTimeout();
    entry.cancelTimeout = this.#expiry(session.id);
  }

  /** Ends the session; false when there is none such. */
  end(id: number): boolean {
    const entry = this.#sessions.get(id);
    if (!entry) return false;
    entry.cancelTimeout();
    this.#sessions.delete(id);
    this.#ended(entry.session);
    return true;
  }

  endAll(): void {
    for (const id of [...this.#sessions.keys()]) this.end(id);
  }

  #expiry(id: number): () => void {
    return this.#clock.after(idleLimitMs, () => this.end(id));
  }
}
