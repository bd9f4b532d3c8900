/** What a BMC needs of the machine it controls. */

export type PowerState = 'on' | 'off';

/** The devices of IPMI's boot flags (IPMI 2.0 table 28-14) that a machine can be told to boot from. */
export type BootDevice = 'pxe' | 'disk' | 'safe' | 'diag' | 'cdrom' | 'bios' | 'floppy';

/** What a boot is asked to start from, instead of the machine's own order. */
export interface BootTarget {
  readonly device: BootDevice;
  /** Boot in UEFI mode; false leaves the firmware as it is. */
  readonly efi: boolean;
}

/** A serial console, both ways. */
export interface ConsoleStream {
  write(bytes: Buffer): void;
  /** Sends a serial break, where the machine can take one. */
  sendBreak(): void;
  close(): void;
}

/** What a console says to the one that opened it. */
export interface ConsoleListener {
  data(bytes: Buffer): void;
  /** The console ended and will say nothing more. */
  ended(): void;
}

/**
 * A machine under a BMC. Every method resolves when its effect has been seen, and rejects (LabError) when it was
 * not: an acknowledged power-on is a machine that runs.
 */
export interface Chassis {
  powerState(): Promise<PowerState>;
  /**
   * Starts a machine that is off. A `boot` target is for this one boot. Where it can, it waits for `powered` after
   * the machine has power and a console, and before the machine does anything, so that no word of it is missed.
   */
  powerOn(boot: BootTarget | undefined, powered: () => Promise<void>): Promise<void>;
  /** Takes the power away. */
  powerOff(): Promise<void>;
  /** Resets a machine that is on, without a time without power where it can; `powered` as for powerOn. */
  reset(boot: BootTarget | undefined, powered: () => Promise<void>): Promise<void>;
  /** Asks the operating system to shut down; resolves when it has been asked. */
  requestShutdown(): Promise<void>;
  /** Sends the diagnostic interrupt (NMI). */
  diagnosticInterrupt(): Promise<void>;
  /** Makes the target the machine's own first boot device, for every boot from now on. */
  setBootDevice(target: BootTarget): Promise<void>;
  /** Opens the serial console; rejects when the machine has none. It may end when the power goes. */
  openConsole(listener: ConsoleListener): Promise<ConsoleStream>;
  /** Tells of every change of power that the BMC did not ask for itself, too. The answer stops it. */
  watchPower(changed: (state: PowerState) => void): () => void;
}
