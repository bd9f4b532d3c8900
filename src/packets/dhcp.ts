import { colonHex, ipv4At, uint16, uint32 } from './addresses.ts';
import {
  type DhcpMessageType,
  type DhcpOption,
  dhcpMessageType,
  nextOption,
  OptionList,
  optionsEnd,
} from './dhcp-options.ts';
import { applications, type Dissection } from './dissection.ts';

export const dhcpPorts = { server: 67, client: 68, proxy: 4011 } as const;

const magicCookie = 0x63825363;

/** Offsets in the message (RFC 2131, figure 1). */
const fields = {
  xid: 4,
  secs: 8,
  flags: 10,
  ciaddr: 12,
  yiaddr: 16,
  siaddr: 20,
  giaddr: 24,
  chaddr: 28,
} as const;
const snameAt = 44;
const fileAt = 108;
const cookieAt = 236;

const codes = { overload: 52, messageType: 53 } as const;

/** Option 52: which other fields hold options (RFC 2132 9.3). */
const overloads = { file: 1, sname: 2 } as const;

/** A DHCP or BOOTP message (RFC 2131, RFC 951). */
export interface Dhcp {
  /** 1 from a client, 2 from a server. */
  readonly op: number;
  /** Option 53 by name, its number when it is none of the eight, null in plain BOOTP. */
  readonly type: DhcpMessageType | number | null;
  /** '0x' and eight hexadecimal digits. */
  readonly xid: string;
  /** Seconds since the client began. */
  readonly secs: number;
  /** The client wants the answer as a broadcast. */
  readonly broadcast: boolean;
  readonly hops: number;
  readonly chaddr: string;
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** Server name and boot file of the fixed part, when they are set and not used for options. */
  readonly sname?: string;
  readonly file?: string;
  /** In the order of their first appearance; without padding and end. */
  readonly options: readonly DhcpOption[];
}

export function dissectDhcp(d: Dissection): boolean {
  const { payloadAt: at, payloadEnd: end } = d;
  if (end - at < snameAt) return d.fail('dhcp: the message is cut short');
  d.application = applications.dhcp;
  if (end - at < cookieAt) return d.fail('dhcp: the message is cut short');
  if (!hasCookie(d)) return true;
  scanOptions(d, at + cookieAt + 4, end);
  const overload = d.dhcpOverload;
  if (overload & overloads.file) scanOptions(d, at + fileAt, at + cookieAt);
  if (overload & overloads.sname) scanOptions(d, at + snameAt, at + fileAt);
  return d.error === '';
}

/** Looks for the message type and the overload option. */
function scanOptions(d: Dissection, start: number, end: number): void {
  const { upper } = d;
  let at = nextOption(upper, start, end);
  while (at >= 0) {
    const code = upper[at] as number;
    const length = upper[at + 1] as number;
    if (code === codes.messageType && length === 1) d.dhcpType = upper[at + 2] as number;
    else if (code === codes.overload && length === 1) d.dhcpOverload = upper[at + 2] as number;
    at = nextOption(upper, at + 2 + length, end);
  }
  if (at === optionsEnd.damaged) d.fail('dhcp: an option is cut short');
}

function hasCookie({ upper, payloadAt: at, payloadEnd: end }: Dissection): boolean {
  return end - at >= cookieAt + 4 && uint32(upper, at + cookieAt) === magicCookie;
}

export function readDhcp(d: Dissection): Dhcp {
  const { upper, payloadAt: at, payloadEnd: end } = d;
  const list = new OptionList();
  const overload = d.dhcpOverload;
  if (hasCookie(d)) {
    list.add(upper, at + cookieAt + 4, end);
    if (overload & overloads.file) list.add(upper, at + fileAt, at + cookieAt);
    if (overload & overloads.sname) list.add(upper, at + snameAt, at + fileAt);
  }
  const sname = overload & overloads.sname ? '' : textOf(upper, at + snameAt, Math.min(at + fileAt, end));
  const file = overload & overloads.file ? '' : textOf(upper, at + fileAt, Math.min(at + cookieAt, end));
  const hardwareLength = Math.min(upper[at + 2] as number, 16);
  return {
    op: upper[at] as number,
    type: d.dhcpType === 0 ? null : dhcpMessageType(d.dhcpType),
    xid: `0x${uint32(upper, at + fields.xid)
      .toString(16)
      .padStart(8, '0')}`,
    secs: uint16(upper, at + fields.secs),
    broadcast: ((upper[at + fields.flags] as number) & 0x80) !== 0,
    hops: upper[at + 3] as number,
    chaddr: colonHex(upper, at + fields.chaddr, at + fields.chaddr + hardwareLength),
    ciaddr: ipv4At(upper, at + fields.ciaddr),
    yiaddr: ipv4At(upper, at + fields.yiaddr),
    siaddr: ipv4At(upper, at + fields.siaddr),
    giaddr: ipv4At(upper, at + fields.giaddr),
    ...(sname === '' ? {} : { sname }),
    ...(file === '' ? {} : { file }),
    options: list.read(),
  };
}

/** The text up to the first zero byte. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  let stop = start;
  while (stop < end && bytes[stop] !== 0) stop++;
  return stop === start ? '' : new TextDecoder().decode(bytes.subarray(start, stop));
}

/** The option of this code, if the message has it. */
export function dhcpOption(dhcp: Dhcp, code: number): DhcpOption | undefined {
  return dhcp.options.find((option) => option.code === code);
}
