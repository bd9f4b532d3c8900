import { ipv4At, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';
import { ipProtocols } from './ipv4.ts';

/** An ICMP message (RFC 792). */
export interface Icmp {
  readonly type: number;
  readonly code: number;
  /** Identifier and sequence number of an echo. */
  readonly id?: number;
  readonly seq?: number;
  /** The next hop's MTU, of "fragmentation needed" (RFC 1191). */
  readonly mtu?: number;
  /** Of a redirect. */
  readonly gateway?: string;
}

const types = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echo: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;
const errorTypes: ReadonlySet<number> = new Set([
  types.unreachable,
  types.sourceQuench,
  types.redirect,
  types.timeExceeded,
  types.parameterProblem,
]);
/** ICMPv6 errors are 1 to 127; these four exist (RFC 4443). */
const lastErrorType6 = 4;

const fragmentationNeeded = 4;

export function dissectIcmp(d: Dissection): boolean {
  if (d.end - d.at < 4) return d.fail('icmp: the header is cut short');
  d.transportAt = d.at;
  d.transportEnd = d.end;
  return true;
}

/** Whether the ICMP or ICMPv6 message is an error, which quotes the packet it is about. */
export function quotesPacket(d: Dissection): boolean {
  const type = d.upper[d.transportAt] as number;
  return d.protocol === ipProtocols.icmp ? errorTypes.has(type) : type > 0 && type <= lastErrorType6;
}

export function readIcmp({ upper, transportAt: at, transportEnd: end }: Dissection): Icmp {
  const type = upper[at] as number;
  const code = upper[at + 1] as number;
  if (end - at < 8) return { type, code };
  switch (type) {
    case types.echo:
    case types.echoReply:
      return { type, code, id: uint16(upper, at + 4), seq: uint16(upper, at + 6) };
    case types.redirect:
      return { type, code, gateway: ipv4At(upper, at + 4) };
    case types.unreachable:
      return code === fragmentationNeeded ? { type, code, mtu: uint16(upper, at + 6) } : { type, code };
    default:
      return { type, code };
  }
}
