/** The watchdog timer (IPMI 2.0 section 27). It stops when the BMC restarts. */
import type { Clock } from './clock.ts';
import type { PowerAction } from './power-control.ts';
import { eventSensor, type SystemEventLog } from './sel.ts';

const tickMs = 100;
const doNotLogBit = 0x80;
const keepRunningBit = 0x40;
const runningBit = 0x40;

/** Timeout actions of table 27-3 and their offsets as events of a watchdog sensor. */
const actions: readonly (PowerAction | undefined)[] = [undefined, 'reset', 'off', 'cycle'];

export interface WatchdogParts {
  readonly clock: Clock;
  readonly sel: SystemEventLog;
  readonly act: (action: PowerAction) => void;
  readonly changed: () => void;
}

export class Watchdog {
  readonly #parts: WatchdogParts;
  #use = 0;
  #actions = 0;
  #preTimeout = 0;
  /** Bit n: the timer expired while in use n (table 27-3, timer use expiration flags). */
  #expired = 0;
  #countdown = 0;
  #isSet = false;
  #running: { since: number; cancel: () => void } | undefined;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
  }

  get hasExpired(): boolean {
    return this.#expired !== 0;
  }

  /** Set Watchdog Timer: its six bytes. It stops the timer unless told to leave it running. */
  set(data: Buffer): void {
    const use = data.readUInt8(0);
    const wasRunning = this.#running !== undefined;
    this.#use = use & (doNotLogBit | 0x07);
    this.#actions = data.readUInt8(1) & 0x77;
    this.#preTimeout = data.readUInt8(2);
    this.#expired &= ~data.readUInt8(3);
    this.#countdown = data.readUInt16LE(4);
    this.#isSet = true;
    this.stop();
    if (wasRunning && use & keepRunningBit) this.start();
  }

  /** Get Watchdog Timer: its eight bytes. */
  get(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.set([this.#use | (this.#running ? runningBit : 0), this.#actions, this.#preTimeout, this.#expired]);
    bytes.writeUInt16LE(this.#countdown, 4);
    const passed = this.#running ? Math.floor((this.#parts.clock.now() - this.#running.since) / tickMs) : 0;
    bytes.writeUInt16LE(Math.max(0, this.#countdown - passed), 6);
    return bytes;
  }

  /** Starts the countdown, or starts it again; false when the timer was never set. */
  start(): boolean {
    if (!this.#isSet) return false;
    this.stop();
    const { clock } = this.#parts;
    this.#running = {
      since: clock.now(),
      cancel: clock.after(this.#countdown * tickMs, () => this.#expire()),
    };
    return true;
  }

  stop(): void {
    this.#running?.cancel();
    this.#running = undefined;
  }

  #expire(): void {
    this.#running = undefined;
    this.#expired |= 1 << (this.#use & 0x07);
    const number = this.#actions & 0x07;
    const action = actions[number];
    if (!(this.#use & doNotLogBit)) {
      const offset = action ? number : 0;
      this.#parts.sel.log({ sensor: eventSensor.watchdog, offset, extension: this.#use & 0x07 });
    }
    this.#parts.changed();
    if (action) this.#parts.act(action);
  }
}
