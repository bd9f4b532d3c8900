import { colonHex, ipv4At, uint32 } from './addresses.ts';
import { type DhcpOption, readDhcpOption } from './dhcp-options.ts';
import { applications, type Dissection } from './dissection.ts';

export const dhcpPorts = { server: 67, client: 68, proxy: 4011 } as const;

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

const magicCookie = 0x63825363;
/** op to file, without the magic cookie. */
const fixedLength = 236;

/** A DHCP or BOOTP message (RFC 2131). */
export interface Dhcp {
  /** 1 from a client, 2 from a server. */
  readonly op: number;
  /** Option 53 by name, its number when it is none of the eight, null in plain BOOTP. */
  readonly type: DhcpMessageType | number | null;
  /** '0x' and eight hexadecimal digits. */
  readonly xid: string;
  readonly chaddr: string;
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** In the order of their first appearance. */
  readonly options: readonly DhcpOption[];
}

export function dissectDhcp(d: Dissection): boolean {
  const { upper, payloadAt: at, payloadEnd: end } = d;
  if (end - at < fixedLength) return d.fail('dhcp: the message is cut short');
  d.application = applications.dhcp;
  if (end - at < fixedLength + 4 || uint32(upper, at + fixedLength) !== magicCookie) return true;
  for (let option = at + fixedLength + 4; option < end; ) {
    const code = upper[option] as number;
    if (code === 255) return true;
    if (code === 0) {
      option++;
      continue;
    }
    if (option + 1 >= end || option + 2 + (upper[option + 1] as number) > end) {
      return d.fail('dhcp: an option is cut short');
    }
    if (code === 53 && upper[option + 1] === 1) d.dhcpType = upper[option + 2] as number;
    option += 2 + (upper[option + 1] as number);
  }
  return d.fail('dhcp: the options do not end');
}

export function readDhcp(d: Dissection): Dhcp {
  const { upper, payloadAt: at } = d;
  const hardware = Math.min(upper[at + 2] as number, 16);
  return {
    op: upper[at] as number,
    type: d.dhcpType === 0 ? null : (dhcpMessageTypes[d.dhcpType - 1] ?? d.dhcpType),
    xid: `0x${uint32(upper, at + 4)
      .toString(16)
      .padStart(8, '0')}`,
    chaddr: colonHex(upper, at + 28, at + 28 + hardware),
    ciaddr: ipv4At(upper, at + 12),
    yiaddr: ipv4At(upper, at + 16),
    siaddr: ipv4At(upper, at + 20),
    giaddr: ipv4At(upper, at + 24),
    options: readOptions(d),
  };
}

function readOptions({ upper, payloadAt, payloadEnd: end }: Dissection): DhcpOption[] {
  const start = payloadAt + fixedLength;
  if (end - start < 4 || uint32(upper, start) !== magicCookie) return [];
  const parts = new Map<number, Uint8Array[]>();
  for (let at = start + 4; at < end && upper[at] !== 255; ) {
    if (upper[at] === 0) {
      at++;
      continue;
    }
    const stop = at + 2 + (upper[at + 1] ?? 0);
    if (at + 1 >= end || stop > end) break;
    const code = upper[at] as number;
    const data = upper.subarray(at + 2, stop);
    const known = parts.get(code);
    if (known) known.push(data);
    else parts.set(code, [data]);
    at = stop;
  }
  return [...parts].map(([code, data]) => readDhcpOption(code, Buffer.concat(data)));
}

/** The option of this code, if the message has it. */
export function dhcpOption(dhcp: Dhcp, code: number): DhcpOption | undefined {
  return dhcp.options.find((option) => option.code === code);
}
