/** System boot options (IPMI 2.0 section 28.12 and 28.13, table 28-14). Pure but for the state it is given. */
import type { BootDevice, BootTarget } from './chassis.ts';
import type { BmcState } from './state.ts';

type BootOptions = BmcState['bootOptions'];

export const bootParameter = { validBitClearing: 3, flags: 5 } as const;

/** The bytes of each parameter as long as nothing was written. */
const defaults: readonly Buffer[] = [
  Buffer.from([0]), // set in progress
  Buffer.from([0]), // service partition selector
  Buffer.from([0]), // service partition scan
  Buffer.from([0]), // boot flag valid bit clearing
  Buffer.from([0, 0]), // boot info acknowledge
  Buffer.alloc(5), // boot flags
  Buffer.alloc(9), // boot initiator info
  Buffer.alloc(17), // boot initiator mailbox: block selector and 16 bytes
];

/** The flags do not lapse although no chassis control follows within 60 s (parameter 3, bit 3). */
const keepWithoutControl = 0x08;

const validBit = 0x80;
const persistentBit = 0x40;
const efiBit = 0x20;

const devices = new Map<number, BootDevice>([
  [0x1, 'pxe'],
  [0x2, 'disk'],
  [0x3, 'safe'],
  [0x4, 'diag'],
  [0x5, 'cdrom'],
  [0x6, 'bios'],
  [0x7, 'floppy'],
  [0x8, 'cdrom'],
  [0x9, 'disk'],
  [0xb, 'disk'],
  [0xf, 'floppy'],
]);

/** How many bytes the parameter has; undefined when there is no such parameter. */
export function bootParameterLength(parameter: number): number | undefined {
  return defaults[parameter]?.length;
}

/** The parameter's bytes; undefined when there is no such parameter. */
export function getBootParameter(options: BootOptions, parameter: number): Buffer | undefined {
  const written = options.values[parameter];
  return written === undefined ? defaults[parameter] : Buffer.from(written, 'hex');
}

/** Writes a parameter's bytes as they came. Shorter data leaves the rest as it was. */
export function setBootParameter(options: BootOptions, parameter: number, data: Buffer): void {
  const bytes = Buffer.from(getBootParameter(options, parameter) ?? []);
  data.copy(bytes);
  options.values[parameter] = bytes.toString('hex');
}

/** Boot flags in words. `target` is undefined when they ask for no device. */
export interface BootFlags {
  readonly valid: boolean;
  readonly persistent: boolean;
  readonly target: BootTarget | undefined;
}

/** The boot flags in parameter 5's bytes. */
export function decodeBootFlags(data: Buffer): BootFlags {
  const first = data.readUInt8(0);
  const device = devices.get((data.readUInt8(1) >> 2) & 0x0f);
  return {
    valid: (first & validBit) !== 0,
    persistent: (first & persistentBit) !== 0,
    target: device && { device, efi: (first & efiBit) !== 0 },
  };
}

/** Parameter 5's bytes for these flags. */
export function encodeBootFlags(flags: BootFlags): Buffer {
  const device = [...devices].find(([, name]) => name === flags.target?.device)?.[0] ?? 0;
  return Buffer.from([
    (flags.valid ? validBit : 0) | (flags.persistent ? persistentBit : 0) | (flags.target?.efi ? efiBit : 0),
    device << 2,
    0,
    0,
    0,
  ]);
}

/** The flags as they stand; those marked invalid count for nothing. */
export function currentBootFlags(options: BootOptions): BootFlags {
  const data = getBootParameter(options, bootParameter.flags) ?? Buffer.alloc(5);
  const flags = decodeBootFlags(data);
  return options.invalid.includes(bootParameter.flags) ? { ...flags, valid: false } : flags;
}

/** Clears the valid bit, as after the boot that the flags were for. */
export function clearBootFlags(options: BootOptions): void {
  const data = getBootParameter(options, bootParameter.flags);
  if (!data) return;
  const cleared = Buffer.from(data);
  cleared[0] = cleared.readUInt8(0) & ~validBit;
  options.values[bootParameter.flags] = cleared.toString('hex');
}

/** Whether one-shot flags lapse when no chassis control command follows within 60 s. */
export function flagsLapse(options: BootOptions): boolean {
  const clearing = getBootParameter(options, bootParameter.validBitClearing)?.readUInt8(0) ?? 0;
  return (clearing & keepWithoutControl) === 0;
}
