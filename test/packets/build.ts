import { type CapturedFrame, linkTypes } from '../../src/packets/frame.ts';

/** Builders of frames for tests: each takes the payload and gives the bytes around it. Checksums are right. */

export type Part = Uint8Array | readonly number[] | string;

export function bytes(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))),
  );
}

export function u16(value: number): number[] {
  return [(value >> 8) & 255, value & 255];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

export function mac(text: string): number[] {
  return text.split(':').map((part) => Number.parseInt(part, 16));
}

export function ip(text: string): number[] {
  return text.split('.').map(Number);
}

/** An IPv6 address; `::` is understood. */
export function ip6(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined) =>
    part ? part.split(':').map((g) => Number.parseInt(g, 16)) : [];
  const [front, back] = [groups(head), groups(tail)];
  const gap: number[] = new Array(8 - front.length - back.length).fill(0);
  return [...front, ...gap, ...back].flatMap(u16);
}

export const macs = {
  client: '52:54:00:00:00:01',
  server: '52:54:00:00:00:02',
  broadcast: 'ff:ff:ff:ff:ff:ff',
};

export interface Tag {
  readonly id: number;
  readonly priority?: number;
  readonly dei?: boolean;
  readonly tpid?: number;
}

/** Ethernet II, with the VLAN tags outermost first. */
export function ethernet(
  header: { src?: string; dst?: string; type: number; vlans?: readonly Tag[] },
  payload: Uint8Array,
): Uint8Array {
  return bytes(
    mac(header.dst ?? macs.server),
    mac(header.src ?? macs.client),
    ...(header.vlans ?? []).map(tag),
    u16(header.type),
    payload,
  );
}

/** TPID and TCI of a VLAN tag. */
export function tag({ id, priority = 0, dei = false, tpid = 0x8100 }: Tag): number[] {
  return [...u16(tpid), ...u16((priority << 13) | (dei ? 0x1000 : 0) | id)];
}

/** The Internet checksum (RFC 1071) over the parts, which must be of even length but for the last. */
export function checksum(...parts: readonly Part[]): number {
  const all = bytes(...parts);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += ((all[at] ?? 0) << 8) | (all[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Ipv4Header {
  readonly src?: string;
  readonly dst?: string;
  readonly protocol: number;
  readonly ttl?: number;
  readonly id?: number;
  readonly tos?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  readonly fragmentOffset?: number;
  readonly options?: readonly number[];
  readonly length?: number;
}

export function ipv4(header: Ipv4Header, payload: Uint8Array): Uint8Array {
  const options = header.options ?? [];
  const words = 5 + Math.ceil(options.length / 4);
  const fragment =
    (header.dontFragment ? 0x4000 : 0) |
    (header.moreFragments ? 0x2000 : 0) |
    ((header.fragmentOffset ?? 0) >> 3);
  const head = bytes(
    [0x40 | words, header.tos ?? 0],
    u16(header.length ?? words * 4 + payload.length),
    u16(header.id ?? 1),
    u16(fragment),
    [header.ttl ?? 64, header.protocol, 0, 0],
    ip(header.src ?? '10.0.0.1'),
    ip(header.dst ?? '10.0.0.2'),
    options,
    new Uint8Array(words * 4 - 20 - options.length),
  );
  head.set(u16(checksum(head)), 10);
  return bytes(head, payload);
}

export interface Ends {
  readonly src?: string;
  readonly dst?: string;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** IPv4 and UDP. */
export function udp4(
  ends: Ends & { checksum?: number; ttl?: number; id?: number },
  payload: Uint8Array,
): Uint8Array {
  const { src = '10.0.0.1', dst = '10.0.0.2' } = ends;
  const pseudo = [...ip(src), ...ip(dst), 0, 17, ...u16(8 + payload.length)];
  return ipv4({ ...ends, src, dst, protocol: 17 }, udp(ends, pseudo, payload, ends.checksum));
}

/** IPv6 and UDP. */
export function udp6(ends: Ends, payload: Uint8Array): Uint8Array {
  const { src = 'fe80::1', dst = 'fe80::2' } = ends;
  const pseudo = [...ip6(src), ...ip6(dst), ...u32(8 + payload.length), 0, 0, 0, 17];
  return ipv6({ src, dst, protocol: 17 }, udp(ends, pseudo, payload));
}

function udp(ends: Ends, pseudo: readonly number[], payload: Uint8Array, sum?: number): Uint8Array {
  const head = [...u16(ends.srcPort), ...u16(ends.dstPort), ...u16(8 + payload.length)];
  const right = checksum(pseudo, head, [0, 0], payload) || 0xffff;
  return bytes(head, u16(sum ?? right), payload);
}

export interface Ipv6Header {
  readonly src?: string;
  readonly dst?: string;
  readonly protocol: number;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
}

export function ipv6(header: Ipv6Header, payload: Uint8Array): Uint8Array {
  return bytes(
    u32(((6 << 28) | ((header.trafficClass ?? 0) << 20) | (header.flowLabel ?? 0)) >>> 0),
    u16(payload.length),
    [header.protocol, header.hopLimit ?? 64],
    ip6(header.src ?? 'fe80::1'),
    ip6(header.dst ?? 'fe80::2'),
    payload,
  );
}

export interface TcpHeader extends Ends {
  readonly seq?: number;
  readonly ack?: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags?: number;
  readonly options?: readonly number[];
}

/** IPv4 and TCP. */
export function tcp4(header: TcpHeader, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { src = '10.0.0.1', dst = '10.0.0.2', options = [] } = header;
  const words = 5 + options.length / 4;
  const head = bytes(
    u16(header.srcPort),
    u16(header.dstPort),
    u32(header.seq ?? 0),
    u32(header.ack ?? 0),
    [words << 4, header.flags ?? 16],
    u16(64240),
    [0, 0, 0, 0],
    options,
  );
  const pseudo = [...ip(src), ...ip(dst), 0, 6, ...u16(head.length + payload.length)];
  head.set(u16(checksum(pseudo, head, payload)), 16);
  return ipv4({ src, dst, protocol: 6 }, bytes(head, payload));
}

export function arp(packet: {
  op?: number;
  senderMac?: string;
  senderIp?: string;
  targetMac?: string;
  targetIp?: string;
}): Uint8Array {
  return bytes(
    u16(1),
    u16(0x0800),
    [6, 4],
    u16(packet.op ?? 1),
    mac(packet.senderMac ?? macs.client),
    ip(packet.senderIp ?? '10.0.0.1'),
    mac(packet.targetMac ?? '00:00:00:00:00:00'),
    ip(packet.targetIp ?? '10.0.0.2'),
  );
}

export type DhcpOptions = readonly (readonly [code: number, data: Part])[];

export interface DhcpMessage {
  readonly op?: number;
  /** Option 53; left out of a BOOTP message. */
  readonly type?: number;
  readonly xid?: number;
  readonly flags?: number;
  readonly chaddr?: string;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly siaddr?: string;
  readonly giaddr?: string;
  readonly sname?: Uint8Array | string;
  readonly file?: Uint8Array | string;
  /** After option 53: code and data. */
  readonly options?: DhcpOptions;
  /** Default: the cookie; empty for plain BOOTP. */
  readonly cookie?: readonly number[];
}

export function dhcp(message: DhcpMessage): Uint8Array {
  const fixed = (field: Uint8Array | string | undefined, length: number) => {
    const room = Buffer.alloc(length);
    room.set(Buffer.from(field ?? ''));
    return room;
  };
  const zero = '0.0.0.0';
  return bytes(
    [message.op ?? 1, 1, 6, 0],
    u32(message.xid ?? 0x12345678),
    u16(0),
    u16(message.flags ?? 0x8000),
    ip(message.ciaddr ?? zero),
    ip(message.yiaddr ?? zero),
    ip(message.siaddr ?? zero),
    ip(message.giaddr ?? zero),
    mac(message.chaddr ?? macs.client),
    new Uint8Array(10),
    fixed(message.sname, 64),
    fixed(message.file, 128),
    message.cookie ?? [0x63, 0x82, 0x53, 0x63],
    ...(message.type === undefined ? [] : [dhcpOption(53, [message.type])]),
    ...(message.options ?? []).map(([code, data]) => dhcpOption(code, data)),
    message.cookie?.length === 0 ? new Uint8Array(64) : [255],
  );
}

export function dhcpOption(code: number, data: Part): Uint8Array {
  const content = bytes(data);
  return bytes([code, content.length], content);
}

/** A whole DHCP frame: Ethernet, VLAN tags, IPv4, UDP from client to server, or back when op is 2. */
export function dhcpFrame(message: DhcpMessage, vlans: readonly Tag[] = []): Uint8Array {
  const reply = message.op === 2;
  const ends = reply
    ? { src: '10.0.0.2', dst: '255.255.255.255', srcPort: 67, dstPort: 68 }
    : { src: '0.0.0.0', dst: '255.255.255.255', srcPort: 68, dstPort: 67 };
  const src = reply ? macs.server : (message.chaddr ?? macs.client);
  return ethernet({ src, dst: macs.broadcast, type: 0x0800, vlans }, udp4(ends, dhcp(message)));
}

/** A captured frame of these bytes; time in nanoseconds counts from number to number by a millisecond. */
export function captured(content: Uint8Array, options: Partial<CapturedFrame> = {}): CapturedFrame {
  const number = options.number ?? 1;
  return {
    number,
    time: 1_400_000_000_000_000_000n + BigInt(number) * 1_000_000n,
    length: content.length,
    linkType: linkTypes.ethernet,
    bytes: content,
    ...options,
  };
}
