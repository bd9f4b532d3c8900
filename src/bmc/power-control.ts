import { clearBootFlags, currentBootFlags, flagsLapse } from './boot-options.ts';
import type { BootTarget, Chassis, PowerState } from './chassis.ts';
import type { Clock } from './clock.ts';
import { completion } from './completion.ts';
import { eventSensor, type SystemEventLog } from './sel.ts';
import type { BmcState } from './state.ts';

/** Chassis control actions of IPMI 2.0 table 28-4. */
export type PowerAction = 'off' | 'on' | 'cycle' | 'reset' | 'diag' | 'soft';

/** Restart causes of IPMI 2.0 table 28-11. */
export const restartCause = {
  chassisControl: 0x1,
  watchdog: 0x4,
  alwaysRestore: 0x6,
  previousRestore: 0x7,
} as const;

/** Power restore policies of IPMI 2.0 table 28-8. */
export const restorePolicy = { alwaysOff: 0, previous: 1, alwaysOn: 2 } as const;

/** Flags lapse when no chassis control follows within this time (table 28-14, parameter 3). */
const flagsLapseMs = 60_000;

/** A machine that the BMC has not seen change is taken to have been so for long. */
const longAgoMs = 24 * 3_600_000;

/** Last power event: the machine was turned on by an IPMI command (table 28-3). */
const onByCommand = 0x10;
const startedByPowerUp = 0;
const startedByReset = 1;

export interface PowerControlParts {
  readonly chassis: Chassis;
  readonly state: () => BmcState;
  readonly sel: SystemEventLog;
  readonly clock: Clock;
  /** Waited for after the machine was given power and before it does anything. */
  readonly powered: () => Promise<void>;
  /** Called when something worth keeping changed outside of a command. */
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

/** Everything that touches the machine's power: one action at a time, each verified, each logged. */
export class PowerControl {
  readonly #parts: PowerControlParts;
  #running: { action: PowerAction; done: Promise<number> } | undefined;
  #cancelLapse: (() => void) | undefined;
  #changedAt: number;
  /** Since when the time with power is not yet in the state. */
  #countedAt: number;
  readonly #stopWatching: () => void;

  constructor(parts: PowerControlParts) {
    this.#parts = parts;
    this.#changedAt = parts.clock.now() - longAgoMs;
    this.#countedAt = parts.clock.now();
    this.#stopWatching = parts.chassis.watchPower((state) => this.#seen(state));
    this.expectControl();
  }

  /** Reads the machine's power, and takes note of it. */
  async read(): Promise<PowerState> {
    const state = await this.#parts.chassis.powerState();
    this.#seen(state);
    return state;
  }

  /** Milliseconds since the power was seen to change. */
  get sinceMs(): number {
    return this.#parts.clock.now() - this.#changedAt;
  }

  /** How long the machine was on in all its life, in ms. */
  get onMilliseconds(): number {
    const { power } = this.#parts.state();
    return power.onMilliseconds + (power.wasOn ? this.#parts.clock.now() - this.#countedAt : 0);
  }

  /**
   * Carries out a chassis control action and answers a completion code. Success means that the effect was seen.
   * The same action asked for again while it is under way is not carried out twice.
   */
  perform(action: PowerAction, cause: number): Promise<number> {
    if (this.#running?.action === action) return this.#running.done;
    const done = (this.#running?.done ?? Promise.resolve(0)).then(() => this.#carryOut(action, cause));
    const running = { action, done };
    this.#running = running;
    const finished = () => {
      if (this.#running === running) this.#running = undefined;
      this.expectControl();
    };
    done.then(finished, finished);
    return done;
  }

  /** Makes the target the machine's own boot device; false when it could not be done. */
  async setBootDevice(target: BootTarget): Promise<boolean> {
    try {
      await this.#parts.chassis.setBootDevice(target);
      return true;
    } catch (error) {
      this.#parts.failed(error);
      return false;
    }
  }

  /** What the power restore policy asks for when the mains power comes back. */
  async restore(): Promise<void> {
    const { power } = this.#parts.state();
    const wanted =
      power.restorePolicy === restorePolicy.alwaysOn ||
      (power.restorePolicy === restorePolicy.previous && power.wasOn);
    if (!wanted || (await this.#parts.chassis.powerState()) === 'on') return;
    power.wasOn = false;
    const always = power.restorePolicy === restorePolicy.alwaysOn;
    await this.perform('on', always ? restartCause.alwaysRestore : restartCause.previousRestore);
  }

  /** Starts the time within which a chassis control must follow for one-shot boot flags to stay. */
  expectControl(): void {
    this.#cancelLapse?.();
    this.#cancelLapse = undefined;
    const { clock, state, changed } = this.#parts;
    const flags = currentBootFlags(state().bootOptions);
    if (!flags.valid || flags.persistent) return;
    this.#cancelLapse = clock.after(flagsLapseMs, () => {
      if (!flagsLapse(state().bootOptions)) return;
      clearBootFlags(state().bootOptions);
      changed();
    });
  }

  close(): void {
    this.#count();
    this.#cancelLapse?.();
    this.#stopWatching();
  }

  async #carryOut(action: PowerAction, cause: number): Promise<number> {
    const { chassis, failed, changed } = this.#parts;
    try {
      const before = await this.read();
      if (before === 'off' && action !== 'on' && action !== 'off') return completion.notInPresentState;
      if (before === action) return completion.ok;
      await this.#act(action, cause);
      return completion.ok;
    } catch (error) {
      failed(error);
      await chassis.powerState().then((state) => this.#seen(state), failed);
      return completion.unspecified;
    } finally {
      changed();
    }
  }

  async #act(action: PowerAction, cause: number): Promise<void> {
    const { chassis, powered } = this.#parts;
    switch (action) {
      case 'on':
        await chassis.powerOn(this.#oneShot(), powered);
        return this.#booted(startedByPowerUp, cause);
      case 'off':
        await chassis.powerOff();
        return this.#expect('off');
      case 'cycle':
        await chassis.powerOff();
        await this.#expect('off');
        await chassis.powerOn(this.#oneShot(), powered);
        return this.#booted(startedByPowerUp, cause);
      case 'reset':
        await chassis.reset(this.#oneShot(), powered);
        return this.#booted(startedByReset, cause);
      case 'soft':
        return chassis.requestShutdown();
      case 'diag':
        return chassis.diagnosticInterrupt();
    }
  }

  /** Persistent flags became the machine's own boot device when they were set, so a boot need not be told. */
  #oneShot(): BootTarget | undefined {
    const flags = currentBootFlags(this.#parts.state().bootOptions);
    return flags.valid && !flags.persistent ? flags.target : undefined;
  }

  async #booted(how: number, cause: number): Promise<void> {
    await this.#expect('on');
    const state = this.#parts.state();
    if (!currentBootFlags(state.bootOptions).persistent) clearBootFlags(state.bootOptions);
    state.power.restartCause = cause;
    if (how === startedByPowerUp) state.power.lastEvent = onByCommand;
    this.#parts.sel.log({ sensor: eventSensor.boot, offset: how });
  }

  async #expect(wanted: PowerState): Promise<void> {
    const seen = await this.read();
    if (seen !== wanted) throw new Error(`the machine is ${seen} although it was turned ${wanted}`);
  }

  #seen(state: PowerState): void {
    const { power } = this.#parts.state();
    const isOn = state === 'on';
    if (power.wasOn === isOn) return;
    this.#count();
    power.wasOn = isOn;
    this.#changedAt = this.#parts.clock.now();
    this.#parts.sel.log({ sensor: eventSensor.powerState, offset: isOn ? 0 : 5 });
    this.#parts.changed();
  }

  #count(): void {
    this.#parts.state().power.onMilliseconds = this.onMilliseconds;
    this.#countedAt = this.#parts.clock.now();
  }
}
