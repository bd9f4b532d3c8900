import * as build from './build.ts';
import {
  bytes,
  dhcp,
  dhcpOption,
  ethernet,
  ip6,
  ipv4,
  ipv6,
  macs,
  tcp4,
  u16,
  u32,
  udp4,
  udp6,
} from './build.ts';

/** Packets for the corpus, by theme. Each is the payload of a link layer with its EtherType. */
export interface Packet {
  readonly type: number;
  readonly payload: Uint8Array;
}

const ip4 = (payload: Uint8Array): Packet => ({ type: 0x0800, payload });
const six = (payload: Uint8Array): Packet => ({ type: 0x86dd, payload });
const arp = (payload: Uint8Array): Packet => ({ type: 0x0806, payload });

const toServer = { src: '0.0.0.0', dst: '255.255.255.255', srcPort: 68, dstPort: 67 };
const toClient = { src: '10.0.0.2', dst: '10.0.0.5', srcPort: 67, dstPort: 68 };
const request = (message: build.DhcpMessage) => ip4(udp4(toServer, dhcp(message)));
const reply = (message: build.DhcpMessage) => ip4(udp4(toClient, dhcp({ op: 2, ...message })));

const given = { yiaddr: '10.0.0.5', siaddr: '10.0.0.2' };
const served: build.DhcpOptions = [
  [54, [10, 0, 0, 2]],
  [51, u32(3600)],
  [58, u32(1800)],
  [59, u32(3150)],
  [1, [255, 255, 255, 0]],
  [28, [10, 0, 0, 255]],
  [3, [10, 0, 0, 1]],
  [6, [10, 0, 0, 2, 8, 8, 8, 8]],
  [15, 'openstacklocal'],
];

function dhcpExchange(): Packet[] {
  const asked: build.DhcpOptions = [
    [61, [1, ...build.mac(macs.client)]],
    [57, u16(1500)],
    [60, 'udhcp 1.35.0'],
    [12, 'baremetal-1'],
    [55, [1, 3, 6, 12, 15, 28, 42]],
  ];
  return [
    request({ type: 1, options: asked }),
    reply({ type: 2, ...given, options: served }),
    request({ type: 3, options: [[50, [10, 0, 0, 5]], [54, [10, 0, 0, 2]], ...asked] }),
    reply({ type: 5, ...given, options: served }),
    reply({
      type: 6,
      options: [
        [54, [10, 0, 0, 2]],
        [56, 'wrong network'],
      ],
    }),
    request({ type: 4, options: [[50, [10, 0, 0, 5]]] }),
    request({ type: 7, ciaddr: '10.0.0.5' }),
    request({ type: 8, ciaddr: '10.0.0.5' }),
    request({ type: 13 }),
  ];
}

function dhcpPxe(): Packet[] {
  const pxe: build.DhcpOptions = [
    [60, 'PXEClient:Arch:00000:UNDI:002001'],
    [93, [0, 0]],
    [94, [1, 2, 1]],
    [97, [0, ...Array.from({ length: 16 }, (_, i) => i * 16)]],
    [77, bytes([4], 'iPXE')],
    [175, bytes(dhcpOption(177, [1, 0x1a, 0xf4, 0x10, 0]), dhcpOption(235, [1, 0, 0]), dhcpOption(19, [1]))],
  ];
  return [
    request({ type: 1, options: pxe }),
    reply({
      type: 2,
      ...given,
      file: 'pxelinux.0',
      sname: 'tftp.openstacklocal',
      options: [
        ...served,
        [66, '10.0.0.2'],
        [67, 'undionly.kpxe\0'],
        [150, [10, 0, 0, 2]],
        [60, 'PXEClient'],
        [43, bytes(dhcpOption(6, [8]), dhcpOption(10, bytes([0], 'PXE')), [255])],
        [175, dhcpOption(176, [1])],
      ],
    }),
    ip4(udp4({ srcPort: 68, dstPort: 4011 }, dhcp({ type: 3, options: pxe }))),
    ip4(udp4({ srcPort: 4011, dstPort: 68 }, dhcp({ op: 2, type: 5, options: [[60, 'PXEClient']] }))),
  ];
}

function dhcpForms(): Packet[] {
  const long = 'x'.repeat(255);
  return [
    // Overload: options in the file, the server name, and both fields.
    reply({ type: 5, options: [[52, [1]]], file: bytes(dhcpOption(12, 'in-file'), [255]) }),
    reply({ type: 5, options: [[52, [2]]], sname: bytes([0, 0], dhcpOption(15, 'in.sname'), [255]) }),
    reply({
      options: [[52, [3]]],
      file: bytes(dhcpOption(53, [5]), [255]),
      sname: bytes(dhcpOption(12, 'h'), [255]),
    }),
    // Long options in parts, together and apart.
    reply({
      type: 2,
      options: [
        [43, long],
        [43, 'yz'],
      ],
    }),
    reply({
      type: 2,
      options: [
        [119, '\x03abc\x00'],
        [12, 'h'],
        [119, '\x03def\x00'],
      ],
    }),
    // BOOTP, with and without the cookie; padding between options; unknown options; a relay.
    request({ cookie: [] }),
    request({ options: [[12, 'bootp']] }),
    request({
      type: 1,
      options: [
        [230, [1, 2, 3]],
        [254, []],
      ],
    }),
    ip4(udp4(toServer, bytes(dhcp({}).subarray(0, 240), [0, 0, 0, 53, 1, 1, 0, 0, 255, 0, 0, 0, 0]))),
    ip4(
      udp4(
        { src: '10.9.0.1', dst: '10.0.0.2', srcPort: 67, dstPort: 67 },
        dhcp({
          type: 1,
          giaddr: '10.9.0.1',
          options: [[82, bytes(dhcpOption(1, 'eth0'), dhcpOption(2, [1, 2, 3]))]],
        }),
      ),
    ),
    reply({ type: 5, options: [[121, [24, 192, 168, 1, 10, 0, 0, 1, 0, 10, 0, 0, 254]]] }),
    reply({
      type: 5,
      options: [
        [2, u32(0xfffff000)],
        [19, [1]],
        [26, u16(1450)],
        [42, [1, 2, 3, 4]],
      ],
    }),
  ];
}

/** TFTP: the requests go to port 69, everything else between ports of the two ends' choice. */
function tftp(): Packet[] {
  const up = (srcPort: number, dstPort: number, ...parts: build.Part[]) =>
    ip4(udp4({ srcPort, dstPort }, bytes(...parts)));
  const down = (srcPort: number, dstPort: number, ...parts: build.Part[]) =>
    ip4(udp4({ src: '10.0.0.2', dst: '10.0.0.1', srcPort, dstPort }, bytes(...parts)));
  const data = new Uint8Array(512).fill(0xab);
  return [
    up(2070, 69, [0, 1], 'pxelinux.cfg/default\0octet\0'),
    down(40000, 2070, [0, 3, 0, 1], data),
    up(2070, 40000, [0, 4, 0, 1]),
    down(40000, 2070, [0, 3, 0, 2], data.subarray(0, 100)),
    up(2070, 40000, [0, 4, 0, 2]),
    up(2071, 69, [0, 1], 'deploy_kernel\0octet\0tsize\x000\0blksize\x001408\0'),
    down(40001, 2071, [0, 6], 'tsize\x0012345\0blksize\x001408\0'),
    up(2071, 40001, [0, 4, 0, 0]),
    down(40001, 2071, [0, 3, 0, 1], data, data),
    up(2072, 69, [0, 1], 'missing\0octet\0'),
    down(40002, 2072, [0, 5, 0, 1], 'File not found\0'),
    up(2073, 69, [0, 2], 'core.log\0netascii\0'),
    down(40003, 2073, [0, 4, 0, 0]),
    up(2073, 40003, [0, 3, 0, 1], 'log'),
    // The same ports, but no transfer that was seen to begin.
    up(5000, 40000, [0, 3, 0, 1], data),
  ];
}

function arps(): Packet[] {
  return [
    arp(build.arp({})),
    arp(build.arp({ op: 2, targetMac: macs.server })),
    arp(build.arp({ op: 1, senderIp: '10.0.0.9', targetIp: '10.0.0.9' })),
    arp(build.arp({ op: 1, senderIp: '0.0.0.0' })),
    arp(bytes(build.arp({}), new Uint8Array(18))),
  ];
}

function icmps(): Packet[] {
  const icmp = (...parts: build.Part[]) => {
    const message = bytes(...parts);
    message.set(u16(build.checksum(message)), 2);
    return ip4(ipv4({ protocol: 1 }, message));
  };
  const quoted = udp4({ srcPort: 4000, dstPort: 69 }, bytes([0, 1], 'file\0octet\0'));
  return [
    icmp([8, 0, 0, 0, 0x12, 0x34, 0, 1], 'ping data'),
    icmp([0, 0, 0, 0, 0x12, 0x34, 0, 1], 'ping data'),
    icmp([3, 3, 0, 0, 0, 0, 0, 0], quoted),
    icmp([3, 3, 0, 0, 0, 0, 0, 0], quoted.subarray(0, 28)),
    icmp([3, 4, 0, 0, 0, 0, 5, 0x78], quoted.subarray(0, 28)),
    icmp([11, 0, 0, 0, 0, 0, 0, 0], quoted.subarray(0, 28)),
    icmp([5, 1, 0, 0, 10, 0, 0, 254], quoted.subarray(0, 28)),
    icmp([13, 0, 0, 0, 0, 1, 0, 1], new Uint8Array(12)),
  ];
}

function icmpv6s(): Packet[] {
  const icmp = (...parts: build.Part[]) => {
    const message = bytes(...parts);
    const pseudo = [...ip6('fe80::1'), ...ip6('ff02::1'), ...u32(message.length), 0, 0, 0, 58];
    message.set(u16(build.checksum(pseudo, message)), 2);
    return six(ipv6({ protocol: 58, hopLimit: 255, src: 'fe80::1', dst: 'ff02::1' }, message));
  };
  const lladdr = [...build.mac(macs.client)];
  return [
    icmp([128, 0, 0, 0, 0, 7, 0, 1], 'ping'),
    icmp([129, 0, 0, 0, 0, 7, 0, 1], 'ping'),
    icmp([133, 0, 0, 0, 0, 0, 0, 0, 1, 1], lladdr),
    icmp(
      [134, 0, 0, 0, 64, 0xc0, 7, 8],
      u32(0),
      u32(0),
      [1, 1],
      lladdr,
      [5, 1, 0, 0],
      u32(1500),
      [3, 4, 64, 0xc0],
      u32(86400),
      u32(14400),
      u32(0),
      ip6('2001:db8::'),
      [25, 3, 0, 0],
      u32(600),
      ip6('2001:db8::53'),
    ),
    icmp([135, 0, 0, 0, 0, 0, 0, 0], ip6('fe80::2'), [1, 1], lladdr),
    icmp([136, 0, 0, 0, 0x60, 0, 0, 0], ip6('fe80::2'), [2, 1], lladdr),
    icmp([2, 0, 0, 0], u32(1280), udp6({ srcPort: 1, dstPort: 2 }, bytes('quoted'))),
    icmp([1, 4, 0, 0], u32(0), udp6({ srcPort: 5, dstPort: 53 }, bytes('q')).subarray(0, 48)),
    icmp([143, 0, 0, 0, 0, 0, 0, 0]),
  ];
}

function ipv4Forms(): Packet[] {
  const datagram = (data: Uint8Array) => udp4({ srcPort: 9000, dstPort: 9001 }, data);
  const inside = datagram(bytes('payload')).subarray(20);
  return [
    ip4(ipv4({ protocol: 17, options: [148, 4, 0, 0] }, inside)),
    ip4(ipv4({ protocol: 17, options: [1, 1, 7, 7, 4, 10, 0, 0, 1, 0] }, inside)),
    ip4(ipv4({ protocol: 17, tos: 0xb8, ttl: 1, dontFragment: true, id: 0xffff }, inside)),
    ip4(ipv4({ protocol: 17 }, bytes(inside, 'trailer')).subarray(0, 40)),
    ip4(bytes(datagram(bytes('padded')), new Uint8Array(12))),
    ip4(ipv4({ protocol: 2 }, bytes([0x16, 0, 9, 4, 224, 0, 0, 251]))),
    ip4(ipv4({ protocol: 132 }, new Uint8Array(12))),
    ip4(udp4({ srcPort: 1, dstPort: 2, checksum: 0 }, bytes('no checksum'))),
    ip4(udp4({ srcPort: 1, dstPort: 2, checksum: 0x1234 }, bytes('bad checksum'))),
    ip4(ipv4({ protocol: 47 }, bytes([0, 0, 0x88, 0x47], 'mpls'))),
  ];
}

/** A DHCP offer in fragments: in order, reversed, twice, interleaved with another one, and incomplete. */
function ipv4Fragments(): Packet[] {
  const whole = udp4(toClient, dhcp({ op: 2, type: 2, ...given, options: served })).subarray(20);
  const pieces = (id: number) =>
    [0, 96, 192, 288].flatMap((offset, index, all) => {
      const next = all[index + 1] ?? whole.length;
      if (offset >= whole.length) return [];
      const more = next < whole.length;
      const header = { protocol: 17, src: '10.0.0.2', dst: '10.0.0.5', id, fragmentOffset: offset };
      return [ip4(ipv4({ ...header, moreFragments: more }, whole.subarray(offset, next)))];
    });
  const [first, second] = [pieces(5), pieces(6)];
  return [
    ...pieces(1),
    ...pieces(2).toReversed(),
    ...pieces(3).slice(0, 2),
    ...pieces(4).slice(1),
    ...first.flatMap((piece, index) => [piece, second[index] ?? piece]),
  ];
}

function ipv6Forms(): Packet[] {
  const inside = udp6({ srcPort: 546, dstPort: 547 }, bytes([1, 0, 0, 1])).subarray(40);
  const chain = (protocol: number, ...parts: build.Part[]) =>
    six(ipv6({ protocol }, bytes(...parts, inside)));
  const pad = [1, 4, 0, 0, 0, 0];
  return [
    six(
      udp6(
        {
          srcPort: 546,
          dstPort: 547,
          src: '2001:db8::1:0:0:1',
          dst: '::ffff:10.0.0.1'.replace('10.0.0.1', 'a00:1'),
        },
        bytes('x'),
      ),
    ),
    six(ipv6({ protocol: 17, trafficClass: 0xb8, flowLabel: 0xabcde, hopLimit: 1 }, inside)),
    chain(0, [17, 0], pad),
    chain(60, [17, 0], pad),
    chain(43, [17, 2, 2, 1, 0, 0, 0, 0], ip6('fe80::9')),
    chain(0, [60, 0], pad, [43, 0], pad, [17, 2, 2, 0, 0, 0, 0, 0], ip6('fe80::2')),
    chain(51, [17, 4], u16(0), u32(1), u32(1), new Uint8Array(12)),
    chain(44, [17, 0, 0, 0], u32(7)),
    six(ipv6({ protocol: 59 }, bytes('nothing'))),
    six(ipv6({ protocol: 50 }, bytes(u32(1), u32(1), 'encrypted'))),
  ];
}

function ipv6Fragments(): Packet[] {
  const whole = udp6({ srcPort: 5000, dstPort: 53 }, dnsQuery()).subarray(40);
  const fragment = (id: number, offset: number, end: number) =>
    six(
      ipv6(
        { protocol: 44 },
        bytes([17, 0], u16(offset | (end < whole.length ? 1 : 0)), u32(id), whole.subarray(offset, end)),
      ),
    );
  return [
    fragment(1, 0, 16),
    fragment(1, 16, whole.length),
    fragment(2, 16, whole.length),
    fragment(2, 0, 16),
    fragment(3, 0, 16),
  ];
}

function tcp(): Packet[] {
  const client = { srcPort: 45678, dstPort: 8000 };
  const server = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 8000, dstPort: 45678 };
  return [
    ip4(tcp4({ ...client, seq: 0xfffffff0, flags: 2, options: [2, 4, 5, 180, 1, 3, 3, 7] })),
    ip4(tcp4({ ...server, seq: 500, ack: 0xfffffff1, flags: 18, options: [2, 4, 5, 180] })),
    ip4(tcp4({ ...client, seq: 0xfffffff1, ack: 501 })),
    ip4(tcp4({ ...client, seq: 0xfffffff1, ack: 501, flags: 24 }, bytes('some bytes that wrap around'))),
    ip4(tcp4({ ...server, seq: 501, ack: 12, flags: 17 })),
    ip4(tcp4({ ...client, seq: 12, ack: 502, flags: 4 })),
    ip4(tcp4({ srcPort: 1, dstPort: 2, flags: 0xc2 })),
    ip4(tcp4({ srcPort: 1, dstPort: 2, flags: 0xff })),
  ];
}

function http(): Packet[] {
  const client = { srcPort: 45678, dstPort: 80 };
  const server = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 80, dstPort: 45678 };
  const ask = 'GET /v1/lookup?addresses=x HTTP/1.1\r\nHost: 10.0.0.2\r\nAccept: */*\r\n\r\n';
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Type: text/plain\r\n\r\nhello world';
  return [
    ip4(tcp4({ ...client, seq: 99, flags: 2 })),
    ip4(tcp4({ ...server, seq: 499, ack: 100, flags: 18 })),
    ip4(tcp4({ ...client, seq: 100, ack: 500, flags: 24 }, bytes(ask))),
    ip4(tcp4({ ...server, seq: 500, ack: 100 + ask.length, flags: 24 }, bytes(answer))),
    ip4(tcp4({ ...client, seq: 100 + ask.length, ack: 500 + answer.length, flags: 24 }, bytes(ask))),
  ];
}

function iscsi(): Packet[] {
  const client = { srcPort: 45679, dstPort: 3260 };
  const server = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 3260, dstPort: 45679 };
  const keys = bytes('InitiatorName=iqn.2014-10.org.openstack:conductor\0SessionType=Normal\0');
  const pdu = (head: number[], at: readonly (readonly [number, number[]])[], data: Uint8Array) => {
    const header = new Uint8Array(48);
    header.set(head);
    header.set([0, 0, ...u16(data.length)], 4);
    for (const [offset, values] of at) header.set(values, offset);
    return bytes(header, data, new Uint8Array(-data.length & 3));
  };
  const login = pdu([0x43, 0x87], [[16, u32(1)]], keys);
  const accepted = pdu([0x23, 0x87], [[16, u32(1)]], bytes('TargetPortalGroupTag=1\0'));
  const write = pdu(
    [0x01, 0xa1],
    [
      [16, u32(2)],
      [32, [0x2a]],
    ],
    new Uint8Array(0),
  );
  return [
    ip4(tcp4({ ...client, seq: 99, flags: 2 })),
    ip4(tcp4({ ...server, seq: 499, ack: 100, flags: 18 })),
    ip4(tcp4({ ...client, seq: 100, ack: 500, flags: 24 }, login)),
    ip4(tcp4({ ...server, seq: 500, ack: 100 + login.length, flags: 24 }, accepted)),
    ip4(tcp4({ ...client, seq: 100 + login.length, ack: 500 + accepted.length, flags: 24 }, write)),
  ];
}

export function dnsQuery(name = 'ironic.openstacklocal', id = 0x1234): Uint8Array {
  return bytes(u16(id), [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], dnsName(name), [0, 1, 0, 1]);
}

function dnsName(name: string): Uint8Array {
  return bytes(...name.split('.').flatMap((label) => [[label.length], label]), [0]);
}

function dns(): Packet[] {
  const question = bytes(dnsName('ironic.openstacklocal'), [0, 1, 0, 1]);
  const answer = bytes([0xc0, 12, 0, 1, 0, 1], u32(60), [0, 4, 10, 0, 0, 2]);
  const toServer = { srcPort: 33333, dstPort: 53 };
  const fromServer = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 53, dstPort: 33333 };
  return [
    ip4(udp4(toServer, dnsQuery())),
    ip4(udp4(fromServer, bytes(u16(0x1234), [0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], question, answer))),
    ip4(udp4(fromServer, bytes(u16(0x1235), [0x85, 0x83, 0, 1, 0, 0, 0, 0, 0, 0], question))),
    six(udp6({ srcPort: 5353, dstPort: 5353, dst: 'ff02::fb' }, dnsQuery('host.local', 0))),
  ];
}

function rmcp(): Packet[] {
  const to = { srcPort: 44444, dstPort: 623 };
  const from = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 623, dstPort: 44444 };
  const caps = bytes([0x20, 0x18, 0xc8, 0x81, 0, 0x38, 0x8e, 4, 0xb5]);
  return [
    ip4(udp4(to, bytes([6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 1, 0, 0]))),
    ip4(udp4(from, bytes([6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x40, 1, 0, 16], new Uint8Array(16)))),
    ip4(udp4(to, bytes([6, 0, 0xff, 7, 0], u32(0), u32(0), [caps.length], caps))),
    ip4(udp4(to, bytes([6, 0, 0xff, 7, 2], u32(0x01000000), u32(0xaabbccdd), new Uint8Array(16), [9], caps))),
    ip4(udp4(to, bytes([6, 0, 0xff, 7, 6, 0x10], u32(0), u32(0), [32, 0], new Uint8Array(32)))),
    ip4(
      udp4(
        to,
        bytes([6, 0, 0xff, 7, 6, 0xc0], u32(0x04030201), u32(0x05000000), [32, 0], new Uint8Array(44)),
      ),
    ),
    ip4(udp4(from, bytes([6, 0, 0xff, 0x87]))),
  ];
}

function tunnels(): Packet[] {
  const frame = ethernet({ type: 0x0800, vlans: [{ id: 42 }] }, udp4(toServer, dhcp({ type: 1, xid: 0x42 })));
  const packet = udp4(
    { src: '192.168.0.1', dst: '192.168.0.2', srcPort: 69, dstPort: 70 },
    bytes([0, 4, 0, 1]),
  );
  const packet6 = udp6({ srcPort: 53, dstPort: 1000 }, dnsQuery());
  const gre = (...parts: build.Part[]) => ip4(ipv4({ protocol: 47 }, bytes(...parts)));
  const vxlan = (vni: number, inner: Uint8Array) =>
    udp4({ srcPort: 50000, dstPort: 4789 }, bytes([8, 0, 0, 0], u32(vni << 8), inner));
  return [
    gre([0, 0, 0x65, 0x58], frame),
    gre([0x20, 0, 0x65, 0x58], u32(1001), frame),
    gre([0x30, 0, 0x08, 0], u32(7), u32(1), packet),
    gre([0x80, 0, 0x08, 0, 0, 0, 0, 0], packet),
    gre([0, 0, 0x86, 0xdd], packet6),
    ip4(vxlan(1001, frame)),
    ip4(vxlan(1, ethernet({ type: 0x0800 }, vxlan(2, frame)))),
    ip4(ipv4({ protocol: 4 }, packet)),
    ip4(ipv4({ protocol: 41 }, packet6)),
    six(ipv6({ protocol: 4 }, packet)),
    six(ipv6({ protocol: 41 }, packet6)),
  ];
}

/** Packets that end too early, claim too much, or contradict themselves. */
function malformed(): Packet[] {
  const discover = udp4(toServer, dhcp({ type: 1, options: [[12, 'name']] }));
  const changed = (at: number, ...values: number[]) => {
    const copy = Uint8Array.from(discover);
    copy.set(values, at);
    return ip4(copy);
  };
  return [
    changed(0, 0x44),
    changed(0, 0x4f),
    changed(0, 0x55),
    changed(2, 0, 10),
    changed(2, 0xff, 0xff),
    changed(24, 0, 4),
    changed(24, 0xff, 0xff),
    ip4(discover.subarray(0, 19)),
    ip4(discover.subarray(0, 25)),
    ip4(udp4(toServer, dhcp({ type: 1 }).subarray(0, 100))),
    ip4(udp4(toServer, bytes(dhcp({ type: 1 }).subarray(0, 243), [12, 40, 1]))),
    arp(build.arp({}).subarray(0, 20)),
    ip4(udp4({ srcPort: 1, dstPort: 69 }, bytes([0, 1], 'no end'))),
    ip4(udp4({ srcPort: 1, dstPort: 69 }, bytes([0]))),
    ip4(udp4({ srcPort: 1, dstPort: 53 }, dnsQuery().subarray(0, 20))),
    ip4(tcp4({ srcPort: 1, dstPort: 2 }).subarray(0, 30)),
    six(udp6({ srcPort: 1, dstPort: 2 }, bytes('cut')).subarray(0, 30)),
    six(ipv6({ protocol: 0 }, bytes([17, 9, 0, 0]))),
  ];
}

/** Every theme by its name. */
export const traffic: Readonly<Record<string, readonly Packet[]>> = {
  'dhcp-exchange': dhcpExchange(),
  'dhcp-pxe': dhcpPxe(),
  'dhcp-forms': dhcpForms(),
  tftp: tftp(),
  arp: arps(),
  icmp: icmps(),
  icmpv6: icmpv6s(),
  'ipv4-forms': ipv4Forms(),
  'ipv4-fragments': ipv4Fragments(),
  'ipv6-forms': ipv6Forms(),
  'ipv6-fragments': ipv6Fragments(),
  tcp: tcp(),
  http: http(),
  iscsi: iscsi(),
  dns: dns(),
  rmcp: rmcp(),
  tunnels: tunnels(),
  malformed: malformed(),
};
