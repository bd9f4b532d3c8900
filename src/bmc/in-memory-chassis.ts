import { LabError } from '../errors.ts';
import type { BootTarget, Chassis, ConsoleListener, ConsoleStream, PowerState } from './chassis.ts';

/** A boot of the in-memory machine: what it started from. */
export interface Boot {
  readonly how: 'power-on' | 'reset';
  readonly from: BootTarget;
}

/**
 * A machine that exists in memory only, for tests and for trying clients. Its console answers each line typed
 * with the same line after `echo: `. It can be told to be slow, or to break.
 */
export class InMemoryChassis implements Chassis {
  readonly boots: Boot[] = [];
  readonly breaks: number[] = [];
  /** The machine's own boot device. */
  bootDevice: BootTarget = { device: 'disk', efi: false };
  /** Milliseconds that every change of power takes. */
  latencyMs = 0;
  /** With `stuck` the power does not change, whatever is asked. */
  fault: 'none' | 'stuck' = 'none';
  /** Whether the operating system follows a request to shut down. */
  obeysShutdown = true;
  diagnosticInterrupts = 0;
  #state: PowerState;
  readonly #watchers = new Set<(state: PowerState) => void>();
  readonly #consoles = new Set<ConsoleListener>();
  #line = '';

  constructor(state: PowerState = 'off') {
    this.#state = state;
  }

  async powerState(): Promise<PowerState> {
    return this.#state;
  }

  async powerOn(boot: BootTarget | undefined, powered: () => Promise<void> = async () => {}): Promise<void> {
    await this.#change('on');
    await powered();
    this.#booted('power-on', boot);
  }

  async powerOff(): Promise<void> {
    await this.#change('off');
  }

  async reset(boot: BootTarget | undefined): Promise<void> {
    await this.#change('on');
    this.#booted('reset', boot);
  }

  async requestShutdown(): Promise<void> {
    if (this.obeysShutdown) await this.#change('off');
  }

  async diagnosticInterrupt(): Promise<void> {
    this.diagnosticInterrupts += 1;
  }

  async setBootDevice(target: BootTarget): Promise<void> {
    this.bootDevice = target;
  }

  async openConsole(listener: ConsoleListener): Promise<ConsoleStream> {
    this.#consoles.add(listener);
    return {
      write: (bytes) => this.#typed(bytes),
      sendBreak: () => {
        this.breaks.push(this.boots.length);
        this.say('[break]\r\n');
      },
      close: () => this.#consoles.delete(listener),
    };
  }

  watchPower(changed: (state: PowerState) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** The machine's serial port says something to everyone who listens. */
  say(text: string): void {
    for (const listener of this.#consoles) listener.data(Buffer.from(text));
  }

  #typed(bytes: Buffer): void {
    if (this.#state === 'off') return;
    for (const character of bytes.toString('latin1')) {
      if (character === '\r' || character === '\n') {
        this.say(`\r\necho: ${this.#line}\r\n`);
        this.#line = '';
      } else {
        this.#line = (this.#line + character).slice(-1024);
      }
    }
  }

  #booted(how: Boot['how'], boot: BootTarget | undefined): void {
    const from = boot ?? this.bootDevice;
    this.boots.push({ how, from });
    this.say(`booting from ${from.device}\r\n`);
  }

  async #change(to: PowerState): Promise<void> {
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    if (this.fault === 'stuck') throw new LabError('lab-failed', `the machine's power stays ${this.#state}`);
    if (this.#state === to) return;
    this.#state = to;
    for (const changed of this.#watchers) changed(to);
  }
}
