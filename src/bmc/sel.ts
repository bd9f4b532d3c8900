/** The system event log (IPMI 2.0 sections 31 and 32). */
import type { Clock } from './clock.ts';
import type { BmcState } from './state.ts';

/** How many entries fit. */
export const selCapacity = 512;
const entryLength = 16;
const lastId = 0xfffe;
/** Event data 1, bits 7:6: event data 2 is what the sensor type defines. */
const sensorSpecific = 0xc0;

/** Sensor types of table 42-3 that the BMC's own events have. */
export const eventSensor = {
  powerState: { type: 0x22, number: 1 },
  watchdog: { type: 0x23, number: 4 },
  logIn: { type: 0x06, number: 5 },
  boot: { type: 0x1d, number: 6 },
} as const;

/** An event of a discrete sensor, by its offset in table 42-3. */
export interface SensorEvent {
  readonly sensor: { readonly type: number; readonly number: number };
  readonly offset: number;
  /** Event data 2, where the sensor type defines it. */
  readonly extension?: number;
}

type SelState = BmcState['sel'];

export class SystemEventLog {
  readonly #state: () => SelState;
  readonly #clock: Clock;
  #lastReservation = 0;
  /** Reservations from this one on are good. */
  #firstReservation = 1;

  /** @param state where the entries are kept; asked for anew at every use */
  constructor(state: () => SelState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  get entries(): readonly Buffer[] {
    return this.#state().entries.map((entry) => Buffer.from(entry, 'hex'));
  }

  /** Seconds since 1970 on the log's own clock. */
  get time(): number {
    return Math.floor(this.#clock.wall() / 1000) + this.#state().clockOffset;
  }

  set time(seconds: number) {
    const state = this.#state();
    state.clockOffset += seconds - this.time;
  }

  /** Logs an event of the BMC's own. */
  log(event: SensorEvent): void {
    const entry = Buffer.alloc(entryLength);
    entry[2] = 0x02;
    entry.set([0x20, 0x00, 0x04, event.sensor.type, event.sensor.number, 0x6f], 7);
    entry.set(
      event.extension === undefined
        ? [event.offset, 0xff, 0xff]
        : [sensorSpecific | event.offset, event.extension, 0xff],
      13,
    );
    this.add(entry);
  }

  /**
   * Adds a 16-byte entry and gives it an id; entries of types below 0xE0 get the log's time too.
   *
   * @returns the id; undefined when the log is full
   */
  add(entry: Buffer): number | undefined {
    const state = this.#state();
    if (state.entries.length >= selCapacity) {
      state.overflow = true;
      return undefined;
    }
    const stamped = Buffer.from(entry);
    const id = state.nextId;
    stamped.writeUInt16LE(id, 0);
    if (stamped.readUInt8(2) < 0xe0) stamped.writeUInt32LE(this.time >>> 0, 3);
    state.nextId = id >= lastId ? 1 : id + 1;
    state.addedAt = this.time;
    state.entries.push(stamped.toString('hex'));
    return id;
  }

  /** The entry with this id (0: the first, 0xFFFF: the last) and the id that follows it, 0xFFFF at the end. */
  get(id: number): { entry: Buffer; next: number } | undefined {
    const entries = this.entries;
    const index =
      id === 0
        ? 0
        : id === 0xffff
          ? entries.length - 1
          : entries.findIndex((entry) => entry.readUInt16LE(0) === id);
    const entry = entries[index];
    if (!entry) return undefined;
    return { entry, next: entries[index + 1]?.readUInt16LE(0) ?? 0xffff };
  }

  /** A new reservation. It is good until entries are erased, whoever else takes one. */
  reserve(): number {
    if (this.#lastReservation === lastId) {
      this.#lastReservation = 0;
      this.#firstReservation = 1;
    }
    this.#lastReservation += 1;
    return this.#lastReservation;
  }

  isReserved(reservation: number): boolean {
    return reservation >= this.#firstReservation && reservation <= this.#lastReservation;
  }

  /** Removes an entry and ends every reservation; answers its id, or undefined when there is none such. */
  delete(id: number): number | undefined {
    const found = this.get(id);
    if (!found) return undefined;
    const state = this.#state();
    const gone = found.entry.readUInt16LE(0);
    state.entries = state.entries.filter((entry) => Buffer.from(entry, 'hex').readUInt16LE(0) !== gone);
    this.#erased();
    return gone;
  }

  clear(): void {
    this.#state().entries = [];
    this.#erased();
  }

  #erased(): void {
    const state = this.#state();
    state.erasedAt = this.time;
    state.overflow = false;
    this.#firstReservation = this.#lastReservation + 1;
  }
}
