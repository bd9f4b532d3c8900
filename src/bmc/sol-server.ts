/** The BMC's end of serial over LAN: one console of the machine, one session that has it (IPMI 2.0 section 15). */
import type { Chassis, ConsoleStream } from './chassis.ts';
import type { Clock } from './clock.ts';
import type { Session20 } from './session.ts';
import { SolLink } from './sol-link.ts';
import { encodeSol, solHeaderLength, solOperation, solStatus } from './sol-payload.ts';
import type { BmcState } from './state.ts';

/** The largest payload each way, header included, as Activate Payload answers it. */
export const solPayloadSize = 255;
const capacity = 65_536;

export const solParameter = {
  setInProgress: 0,
  enable: 1,
  authentication: 2,
  accumulate: 3,
  retry: 4,
  storedBitRate: 5,
  bitRate: 6,
  channel: 7,
  port: 8,
} as const;

/** The bytes of each SOL configuration parameter as long as nothing was written (table 26-5). */
const defaults: Readonly<Record<number, readonly number[]>> = {
  [solParameter.setInProgress]: [0],
  [solParameter.enable]: [1],
  [solParameter.authentication]: [0x83], // encrypted unless the suite cannot, operator
  [solParameter.accumulate]: [1, 96], // 5 ms, 96 characters
  [solParameter.retry]: [7, 25], // 7 times, 250 ms apart
  [solParameter.storedBitRate]: [0x0a], // 115.2 kbit/s
  [solParameter.bitRate]: [0x0a],
};

/** A SOL configuration parameter's bytes; undefined when it is unknown or not kept in the state. */
export function getSolParameter(state: BmcState, parameter: number): Buffer | undefined {
  const written = state.sol[parameter];
  if (written !== undefined) return Buffer.from(written, 'hex');
  const bytes = defaults[parameter];
  return bytes && Buffer.from(bytes);
}

const deactivatedPayload = encodeSol({
  sequence: 0,
  acknowledges: 0,
  accepted: 0,
  flags: solStatus.deactivated,
  characters: Buffer.alloc(0),
});

export interface SolServerParts {
  readonly chassis: Chassis;
  readonly clock: Clock;
  readonly state: () => BmcState;
  /** Sends a SOL payload to the session's console. */
  readonly send: (session: Session20, payload: Buffer) => void;
  readonly failed: (error: unknown) => void;
}

export class SolServer {
  readonly #parts: SolServerParts;
  readonly #stopWatching: () => void;
  #active: { session: Session20; link: SolLink } | undefined;
  #console: ConsoleStream | undefined;
  #opening: Promise<void> = Promise.resolve();

  constructor(parts: SolServerParts) {
    this.#parts = parts;
    // A machine that was turned on has a new console.
    this.#stopWatching = parts.chassis.watchPower((state) => {
      if (state === 'on') this.openConsole();
    });
  }

  /** The session that has the console. */
  get session(): Session20 | undefined {
    return this.#active?.session;
  }

  activate(session: Session20): void {
    this.deactivate();
    const { clock, send, state } = this.#parts;
    const [gather = 1, threshold = 96] = getSolParameter(state(), solParameter.accumulate) ?? [];
    const [retries = 7, retry = 25] = getSolParameter(state(), solParameter.retry) ?? [];
    const link = new SolLink({
      clock,
      send: (payload) => send(session, payload),
      received: (characters) => this.#console?.write(characters),
      flagged: (flags) => this.#flagged(flags),
      packetSize: Math.min(Math.max(threshold, 1), solPayloadSize - solHeaderLength),
      gatherMs: gather * 5,
      retryMs: Math.max(retry, 1) * 10,
      retries: retries & 0x07,
      capacity,
      overrunFlag: solStatus.overrun,
    });
    this.#active = { session, link };
    this.openConsole();
  }

  /** Opens the machine's console if a session wants it and it is not open; resolves when that is done. */
  openConsole(): Promise<void> {
    // One after the other: the power may have come while it was still seen to be off.
    this.#opening = this.#opening.then(() => (this.#active && !this.#console ? this.#open() : undefined));
    return this.#opening;
  }

  /** Takes a SOL payload of a session. What comes from a session without the console is dropped. */
  receive(session: Session20, payload: Buffer): void {
    if (this.#active?.session === session) this.#active.link.receive(payload);
  }

  /**
   * Takes the console away from the session that has it.
   *
   * @param tell whether to tell that session's console
   */
  deactivate(tell = false): void {
    const active = this.#active;
    if (!active) return;
    this.#active = undefined;
    active.link.close();
    if (tell) this.#parts.send(active.session, deactivatedPayload);
    this.#console?.close();
    this.#console = undefined;
  }

  close(): void {
    this.deactivate();
    this.#stopWatching();
  }

  #flagged(flags: number): void {
    const link = this.#active?.link;
    if (!link) return;
    if (flags & solOperation.generateBreak) this.#console?.sendBreak();
    if (flags & solOperation.flushOutbound) link.flush();
    link.paused = (flags & solOperation.pause) !== 0;
  }

  async #open(): Promise<void> {
    const { chassis, failed } = this.#parts;
    let stream: ConsoleStream | undefined;
    const listener = {
      data: (bytes: Buffer) => this.#active?.link.write(bytes),
      ended: () => {
        stream?.close();
        if (this.#console === stream) this.#console = undefined;
      },
    };
    try {
      // A machine that is off has no console yet; it is opened when the power comes.
      if ((await chassis.powerState()) === 'off') return;
      stream = await chassis.openConsole(listener);
      if (this.#active) this.#console = stream;
      else stream.close();
    } catch (error) {
      failed(error);
    }
  }
}
