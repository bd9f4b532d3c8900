import { bootParameter, decodeBootFlags } from './boot-options.ts';
import { completion, type Reply } from './completion.ts';
import { type IpmiRequest, netFn } from './ipmi-message.ts';

/** A request that a BMC was asked, what in words, by whom, and how it ended. */
export interface TranscriptEntry {
  /** Where it comes from. */
  readonly peer: string;
  /** Empty for a request outside a session. */
  readonly user: string;
  readonly netFn: number;
  readonly command: number;
  /** `Chassis Control: power on`. Never a secret: the data of commands that may carry one is not told. */
  readonly what: string;
  /** The command's name in IPMI 2.0 appendix G; null for one that is told by number. */
  readonly name: string | null;
  /** The completion code; 0 is success (IPMI 2.0 table 5-2). */
  readonly completion: number;
  /** The bytes after it in hexadecimal; null for commands without a name, whose answer may be a secret. */
  readonly answer: string | null;
  /** It was not answered. */
  readonly silent?: true;
}

/** The commands of a deployment by their names in IPMI 2.0 appendix G; others are told by number. */
const names: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [
    netFn.chassis,
    new Map([
      [0x00, 'Get Chassis Capabilities'],
      [0x01, 'Get Chassis Status'],
      [0x02, 'Chassis Control'],
      [0x04, 'Chassis Identify'],
      [0x06, 'Set Power Restore Policy'],
      [0x08, 'Set System Boot Options'],
      [0x09, 'Get System Boot Options'],
    ]),
  ],
  [
    netFn.app,
    new Map([
      [0x01, 'Get Device ID'],
      [0x02, 'Cold Reset'],
      [0x03, 'Warm Reset'],
      [0x04, 'Get Self Test Results'],
      [0x38, 'Get Channel Authentication Capabilities'],
      [0x3b, 'Set Session Privilege Level'],
      [0x3c, 'Close Session'],
      [0x47, 'Set User Password'],
      [0x48, 'Activate Payload'],
      [0x49, 'Deactivate Payload'],
      [0x54, 'Get Channel Cipher Suites'],
    ]),
  ],
  [netFn.sensorEvent, new Map([[0x2d, 'Get Sensor Reading']])],
  [
    netFn.storage,
    new Map([
      [0x20, 'Get SDR Repository Info'],
      [0x22, 'Reserve SDR Repository'],
      [0x23, 'Get SDR'],
    ]),
  ],
]);

/** Chassis Control's actions (table 28-4), by their number. */
const actions = [
  'power off',
  'power on',
  'power cycle',
  'hard reset',
  'diagnostic interrupt',
  'soft shutdown',
];
const chassisControl = 0x02;
const setBootOptions = 0x08;

/** The name of a command in IPMI 2.0 appendix G, if it is one of a deployment's. */
export function commandName({
  netFn: fn,
  command,
}: Pick<IpmiRequest, 'netFn' | 'command'>): string | undefined {
  return names.get(fn)?.get(command);
}

/** What is told of a request and its answer; undefined: there was none. */
export function transcriptEntry(
  from: { readonly peer: string; readonly user: string },
  request: IpmiRequest,
  reply: Reply | undefined,
): TranscriptEntry {
  const name = commandName(request) ?? null;
  return {
    ...from,
    netFn: request.netFn,
    command: request.command,
    what: requestInWords(request),
    name,
    completion: reply?.completion ?? completion.ok,
    answer: name === null ? null : (reply?.data.toString('hex') ?? ''),
    ...(reply ? {} : { silent: true }),
  };
}

/** What a request asks for, in words. */
export function requestInWords({ netFn: fn, command, data }: IpmiRequest): string {
  const name = commandName({ netFn: fn, command }) ?? `network function ${hex(fn)} command ${hex(command)}`;
  if (fn !== netFn.chassis) return name;
  const [first] = data;
  if (first === undefined) return name;
  if (command === chassisControl) return `${name}: ${actions[first & 0x0f] ?? hex(first)}`;
  if (command === setBootOptions) return `${name}: ${bootOption(first & 0x7f, data.subarray(1))}`;
  return name;
}

function bootOption(parameter: number, value: Buffer): string {
  if (parameter !== bootParameter.flags || value.length < 2) return `parameter ${parameter}`;
  const { valid, persistent, target } = decodeBootFlags(value);
  if (!valid) return 'boot flags not valid';
  return `boot from ${target?.device ?? 'its own order'}, ${persistent ? 'persistent' : 'once'}`;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
