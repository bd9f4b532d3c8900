import { colonHex, hexOf, ipv4At, uint16, uint32 } from './addresses.ts';
import { dhcpOptionKinds, type OptionKind, type OptionShape } from './dhcp-option-kinds.ts';

export const dhcpMessageTypes = [
  'DISCOVER',
  'OFFER',
  'REQUEST',
  'DECLINE',
  'ACK',
  'NAK',
  'RELEASE',
  'INFORM',
] as const;
export type DhcpMessageType = (typeof dhcpMessageTypes)[number];

/** One DHCP option; options of the same code are joined (RFC 3396). */
export interface DhcpOption {
  readonly code: number;
  readonly name: string;
  /** Read as the option's definition has it; hexadecimal where that is bytes, or where the data does not fit. */
  readonly value: DhcpOptionValue;
  /** The option's data, in lower-case hexadecimal. */
  readonly hex: string;
}

export type DhcpOptionValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly DhcpOption[];

/** The name of a message type, or its number when it is none of the eight. */
export function dhcpMessageType(number: number): DhcpMessageType | number {
  return dhcpMessageTypes[number - 1] ?? number;
}

export const endOption = 255;
export const padOption = 0;

/** What {@link nextOption} answers at the end of the options. */
export const optionsEnd = { marked: -1, missing: -2, damaged: -3 } as const;

/** Offset of the option at or after `at`, skipping padding; one of {@link optionsEnd} when there is none. */
export function nextOption(bytes: Uint8Array, at: number, end: number): number {
  let option = at;
  while (option < end && bytes[option] === padOption) option++;
  if (option >= end) return optionsEnd.missing;
  if (bytes[option] === endOption) return optionsEnd.marked;
  if (option + 1 >= end || option + 2 + (bytes[option + 1] as number) > end) return optionsEnd.damaged;
  return option;
}

/** Collects options: data of the same code is joined in the order in which it is added (RFC 3396). */
export class OptionList {
  private readonly parts = new Map<number, Uint8Array[]>();

  /** Adds the options of one field, up to its end mark or to damage. */
  add(bytes: Uint8Array, start: number, end: number): void {
    for (let at = nextOption(bytes, start, end); at >= 0; ) {
      const code = bytes[at] as number;
      const stop = at + 2 + (bytes[at + 1] as number);
      const data = bytes.subarray(at + 2, stop);
      const known = this.parts.get(code);
      if (known) known.push(data);
      else this.parts.set(code, [data]);
      at = nextOption(bytes, stop, end);
    }
  }

  read(kinds: ReadonlyMap<number, OptionKind> = dhcpOptionKinds): DhcpOption[] {
    const options: DhcpOption[] = [];
    for (const [code, parts] of this.parts) {
      const [only] = parts;
      options.push(
        readOption(code, parts.length === 1 && only ? only : Buffer.concat(parts), kinds.get(code)),
      );
    }
    return options;
  }
}

function readOption(code: number, data: Uint8Array, kind: OptionKind | undefined): DhcpOption {
  const hex = hexOf(data);
  if (!kind) return { code, name: `option-${code}`, value: hex, hex };
  return { code, name: kind.name, value: readValue(kind, data) ?? hex, hex };
}

function readValue(kind: OptionKind, data: Uint8Array): DhcpOptionValue | undefined {
  if (kind.shape === 'options') return readInside(data, kind.inside ?? new Map());
  return readers[kind.shape](data);
}

/** Options inside an option, when the data is nothing but options. */
function readInside(data: Uint8Array, kinds: ReadonlyMap<number, OptionKind>): DhcpOption[] | undefined {
  let at = nextOption(data, 0, data.length);
  while (at >= 0) at = nextOption(data, at + 2 + (data[at + 1] as number), data.length);
  if (at === optionsEnd.damaged) return undefined;
  const list = new OptionList();
  list.add(data, 0, data.length);
  return list.read(kinds);
}

type Reader = (data: Uint8Array) => DhcpOptionValue | undefined;

const readers: Record<Exclude<OptionShape, 'options'>, Reader> = {
  bytes: () => undefined,
  text: (data) => text(data),
  flag: (data) => (data.length === 1 ? data[0] !== 0 : undefined),
  uint8: (data) => (data.length === 1 ? data[0] : undefined),
  uint16: (data) => (data.length === 2 ? uint16(data, 0) : undefined),
  uint32: (data) => (data.length === 4 ? uint32(data, 0) : undefined),
  int32: (data) => (data.length === 4 ? uint32(data, 0) | 0 : undefined),
  uint8s: (data) => [...data],
  uint16s: (data) => each(data, 2, (at) => uint16(data, at)),
  address: (data) => (data.length === 4 ? ipv4At(data, 0) : undefined),
  addresses: (data) => each(data, 4, (at) => ipv4At(data, at)),
  'message-type': (data) => (data.length === 1 ? dhcpMessageType(data[0] as number) : undefined),
  // Hardware type 1 and a MAC, the usual form (RFC 2132 9.14); everything else is opaque.
  'client-id': (data) => (data.length === 7 && data[0] === 1 ? colonHex(data, 1, 7) : undefined),
  uuid: (data) => (data.length === 17 && data[0] === 0 ? guid(data.subarray(1)) : undefined),
  'network-interface': (data) => (data.length === 3 ? data.join('.') : undefined),
  'user-class': userClass,
  'domain-name': (data) => domains(data)?.join(' '),
  domains,
  routes,
};

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data).replace(/\0+$/, '');
}

function each<T>(data: Uint8Array, size: number, read: (at: number) => T): T[] | undefined {
  if (data.length === 0 || data.length % size !== 0) return undefined;
  return Array.from({ length: data.length / size }, (_, i) => read(i * size));
}

/** A machine's GUID, as PXE sends it: the first three groups little endian (RFC 4578 2.3). */
function guid(data: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = hexOf(Uint8Array.from(order, (at) => data[at] as number));
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A list of length-prefixed texts (RFC 3004), or the bare text that many clients send instead. */
function userClass(data: Uint8Array): string {
  const found: string[] = [];
  let at = 0;
  while (at < data.length && data[at] !== 0 && at + 1 + (data[at] as number) <= data.length) {
    const stop = at + 1 + (data[at] as number);
    found.push(text(data.subarray(at + 1, stop)));
    at = stop;
  }
  return at === data.length && found.length > 0 ? found.join(',') : text(data);
}

/** Domain names in DNS encoding, with compression pointers into the data (RFC 3397). */
function domains(data: Uint8Array): string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at < data.length; ) {
    const name = domain(data, at);
    if (!name) return undefined;
    names.push(name.text);
    at = name.end;
  }
  return names;
}

function domain(data: Uint8Array, start: number): { text: string; end: number } | undefined {
  const labels: string[] = [];
  let end = -1;
  let limit = data.length;
  for (let at = start; at < limit; ) {
    const length = data[at] as number;
    if (length === 0) return { text: labels.join('.'), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const target = at + 1 < data.length ? uint16(data, at) & 0x3fff : start;
      // Pointers lead backwards only, which makes every chain end.
      if (target >= start || target >= limit) return undefined;
      if (end < 0) end = at + 2;
      limit = at;
      at = target;
      continue;
    }
    if (length >= 64 || at + 1 + length > data.length) return undefined;
    labels.push(text(data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return undefined;
}

/** Classless static routes: 'DESTINATION/LENGTH via ROUTER' (RFC 3442). */
function routes(data: Uint8Array): string[] | undefined {
  const found: string[] = [];
  for (let at = 0; at < data.length; ) {
    const prefix = data[at] as number;
    const significant = Math.ceil(prefix / 8);
    const router = at + 1 + significant;
    if (prefix > 32 || router + 4 > data.length) return undefined;
    const destination = new Uint8Array(4);
    destination.set(data.subarray(at + 1, router));
    found.push(`${ipv4At(destination, 0)}/${prefix} via ${ipv4At(data, router)}`);
    at = router + 4;
  }
  return found;
}
