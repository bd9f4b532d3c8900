import { colonHex, ipv6At, uint16, uint32 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** An ICMPv6 message (RFC 4443), with neighbour discovery (RFC 4861). */
export interface Icmpv6 {
  readonly type: number;
  readonly code: number;
  /** Identifier and sequence number of an echo. */
  readonly id?: number;
  readonly seq?: number;
  /** Of "packet too big". */
  readonly mtu?: number;
  /** Of a neighbour solicitation or advertisement, or a redirect. */
  readonly target?: string;
  readonly routerAdvertisement?: RouterAdvertisement;
  /** Neighbour discovery options. */
  readonly options?: readonly NdOption[];
}

export interface RouterAdvertisement {
  /** 0: unspecified. */
  readonly hopLimit: number;
  /** Addresses, and other configuration, are to be had by DHCPv6. */
  readonly managed: boolean;
  readonly other: boolean;
  /** Seconds; 0: not a default router. */
  readonly lifetime: number;
}

export interface NdOption {
  /** 1 source and 2 target link-layer address, 3 prefix, 5 MTU, 25 recursive DNS servers. */
  readonly type: number;
  readonly address?: string;
  /** CIDR form. */
  readonly prefix?: string;
  /** Seconds, 0xffffffff for ever. */
  readonly validLifetime?: number;
  readonly preferredLifetime?: number;
  readonly mtu?: number;
  readonly servers?: readonly string[];
}

const types = {
  tooBig: 2,
  echo: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  redirect: 137,
} as const;

export function readIcmpv6({ upper, transportAt: at, transportEnd: end }: Dissection): Icmpv6 {
  const type = upper[at] as number;
  const message = { type, code: upper[at + 1] as number };
  const has = (length: number) => end - at >= length;
  switch (type) {
    case types.echo:
    case types.echoReply:
      return has(8) ? { ...message, id: uint16(upper, at + 4), seq: uint16(upper, at + 6) } : message;
    case types.tooBig:
      return has(8) ? { ...message, mtu: uint32(upper, at + 4) } : message;
    case types.routerSolicitation:
      return { ...message, options: readOptions(upper, at + 8, end) };
    case types.routerAdvertisement:
      if (!has(16)) return message;
      return {
        ...message,
        routerAdvertisement: {
          hopLimit: upper[at + 4] as number,
          managed: ((upper[at + 5] as number) & 0x80) !== 0,
          other: ((upper[at + 5] as number) & 0x40) !== 0,
          lifetime: uint16(upper, at + 6),
        },
        options: readOptions(upper, at + 16, end),
      };
    case types.neighbourSolicitation:
    case types.neighbourAdvertisement:
      if (!has(24)) return message;
      return { ...message, target: ipv6At(upper, at + 8), options: readOptions(upper, at + 24, end) };
    case types.redirect:
      if (!has(40)) return message;
      return { ...message, target: ipv6At(upper, at + 8), options: readOptions(upper, at + 40, end) };
    default:
      return message;
  }
}

function readOptions(bytes: Uint8Array, start: number, end: number): NdOption[] {
  const options: NdOption[] = [];
  for (let at = start; at + 2 <= end; ) {
    const length = 8 * (bytes[at + 1] as number);
    if (length === 0 || at + length > end) break;
    options.push(readOption(bytes, at, length));
    at += length;
  }
  return options;
}

const optionTypes = { sourceAddress: 1, targetAddress: 2, prefix: 3, mtu: 5, dnsServers: 25 } as const;

function readOption(bytes: Uint8Array, at: number, length: number): NdOption {
  const type = bytes[at] as number;
  switch (type) {
    case optionTypes.sourceAddress:
    case optionTypes.targetAddress:
      return { type, address: colonHex(bytes, at + 2, at + length) };
    case optionTypes.prefix:
      if (length < 32) return { type };
      return {
        type,
        prefix: `${ipv6At(bytes, at + 16)}/${bytes[at + 2]}`,
        validLifetime: uint32(bytes, at + 4),
        preferredLifetime: uint32(bytes, at + 8),
      };
    case optionTypes.mtu:
      return { type, mtu: uint32(bytes, at + 4) };
    case optionTypes.dnsServers: {
      const count = Math.floor((length - 8) / 16);
      return { type, servers: Array.from({ length: count }, (_, i) => ipv6At(bytes, at + 8 + 16 * i)) };
    }
    default:
      return { type };
  }
}
