import { describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../../src/packets/frame.ts';
import { scanCapture } from '../../src/packets/scan.ts';
import type { DhcpConversation } from '../../src/packets/summary/dhcp-conversations.ts';
import type { LanSummary } from '../../src/packets/summary/lan.ts';
import { type CaptureSummary, SummaryBuilder } from '../../src/packets/summary/summary.ts';
import { pcapFile, pcapngFile } from '../../src/packets/write.ts';
import {
  captureSummaryText,
  dhcpOutcomeText,
  tftpOutcomeText,
} from '../../src/report/capture-summary-text.ts';
import {
  arp,
  bytes,
  captured,
  type DhcpMessage,
  dhcpFrame,
  ethernet,
  type Part,
  type Tag,
  u16,
  u32,
  udp4,
} from './build.ts';

async function* once(content: Uint8Array) {
  yield content;
}

async function summed(content: Uint8Array): Promise<CaptureSummary> {
  const builder = new SummaryBuilder();
  expect(await scanCapture(once(content), (record, layers) => builder.add(record, layers))).toBeUndefined();
  return builder.result();
}

/** The frames, a second apart, as one untagged LAN. */
async function lan(...contents: readonly Uint8Array[]): Promise<LanSummary> {
  return await lanOf(contents.map((content, i) => at(i * 1000, content, i + 1)));
}

async function lanOf(frames: readonly CapturedFrame[]): Promise<LanSummary> {
  const { lans } = await summed(pcapFile(1, frames));
  expect(lans).toHaveLength(1);
  return lans[0] as LanSummary;
}

function at(milliseconds: number, content: Uint8Array, number: number): CapturedFrame {
  return captured(content, { number, time: 1_400_000_000_000_000_000n + BigInt(milliseconds) * 1_000_000n });
}

describe('a DHCP conversation', () => {
  async function conversation(...messages: readonly DhcpMessage[]): Promise<DhcpConversation> {
    const { dhcp } = await lan(...messages.map((message) => dhcpFrame(message)));
    expect(dhcp).toHaveLength(1);
    return dhcp[0] as DhcpConversation;
  }
  const server: DhcpMessage['options'] = [[54, [10, 0, 0, 2]]];
  const discover = { type: 1 };
  const offer = { op: 2, type: 2, yiaddr: '10.0.0.5', options: server };
  const request = { type: 3, options: [[50, [10, 0, 0, 5]] as const] };
  const ack = { ...offer, type: 5, options: [...server, [51, u32(86_400)] as const] };

  test.each<[text: string, messages: readonly DhcpMessage[]]>([
    ['was given 10.0.0.5 by 10.0.0.2 for 24 h in 3 s', [discover, offer, request, ack]],
    ['was given 10.0.0.5 by 10.0.0.2 for 24 h in 1 s', [request, ack]],
    ['looked for a server, and nobody answered within 2 s', [discover, discover, discover]],
    ['looked for a server, and nobody answered', [discover]],
    ['was offered 10.0.0.5 by 10.0.0.2 and did not take it', [discover, offer]],
    ['asked for 10.0.0.5, and nobody answered within 2 s', [discover, offer, request]],
    [
      'was refused 10.0.0.5 by 10.0.0.2: wrong network',
      [request, { op: 2, type: 6, options: [...server, [56, 'wrong network']] }],
    ],
    ['declined 10.0.0.5, which is in use', [request, ack, { type: 4, options: [[50, [10, 0, 0, 5]]] }]],
    ['gave 10.0.0.5 back', [{ type: 7, ciaddr: '10.0.0.5' }]],
    [
      'asked for parameters and was answered by 10.0.0.2',
      [
        { type: 8, ciaddr: '10.0.0.5' },
        { op: 2, type: 5, options: server },
      ],
    ],
    ['was answered by 10.0.0.2, but its own messages are not in the capture', [offer, ack]],
    [
      'was given 10.0.0.5 by 10.0.0.2 in 3 s, told to boot pxelinux.0 from 10.0.0.2',
      [discover, offer, request, { ...offer, type: 5, siaddr: '10.0.0.2', file: 'pxelinux.0' }],
    ],
    ['was given 10.0.0.9 by BOOTP', [{ cookie: [] }, { op: 2, cookie: [], yiaddr: '10.0.0.9' }]],
    ['asked by BOOTP, and nobody answered', [{ cookie: [] }]],
  ])('%s', async (text, messages) => {
    expect(dhcpOutcomeText(await conversation(...messages))).toBe(text);
  });

  test('tells the servers, the messages and the first frame', async () => {
    const other = { ...offer, options: [[54, [10, 0, 0, 3]] as const] };
    expect(await conversation(discover, discover, offer, other)).toMatchObject({
      outcome: 'offer not taken',
      servers: ['10.0.0.2', '10.0.0.3'],
      messages: 'DISCOVER x2, OFFER x2',
      firstFrame: 1,
    });
  });

  test('another transaction is another conversation', async () => {
    expect((await lan(dhcpFrame({ type: 1, xid: 1 }), dhcpFrame({ type: 1, xid: 2 }))).dhcp).toHaveLength(2);
  });
});

describe('a TFTP transfer', () => {
  const client = { src: '10.0.0.5', dst: '10.0.0.2' };
  const server = { src: '10.0.0.2', dst: '10.0.0.5' };
  const frame = (packet: Uint8Array) => ethernet({ type: 0x0800 }, packet);
  const ask = (...parts: readonly Part[]) =>
    frame(udp4({ ...client, srcPort: 2070, dstPort: 69 }, bytes(...parts)));
  const up = (...parts: readonly Part[]) =>
    frame(udp4({ ...client, srcPort: 2070, dstPort: 4000 }, bytes(...parts)));
  const down = (...parts: readonly Part[]) =>
    frame(udp4({ ...server, srcPort: 4000, dstPort: 2070 }, bytes(...parts)));
  const read = ask([0, 1], 'kernel\0octet\0');
  const block = (number: number, length = 512) => down([0, 3], u16(number), new Uint8Array(length));
  const ack = (number: number) => up([0, 4], u16(number));

  async function transfer(contents: readonly Uint8Array[]) {
    const { tftp } = await lanOf(contents.map((content, i) => at(i * 1000, content, i + 1)));
    expect(tftp).toHaveLength(1);
    const [only] = tftp;
    if (!only) throw new Error('no transfer');
    return only;
  }

  test.each<[text: string, frames: readonly Uint8Array[]]>([
    [
      '1.02 kB in 4 s (256 B/s), blocks of 512',
      [read, block(1), ack(1), block(2), ack(2), block(3, 0), ack(3)],
    ],
    ['100 B, blocks of 512', [read, block(1, 100), ack(1)]],
    [
      '612 B in 3 s (204 B/s), blocks of 512, 1 block sent again',
      [read, block(1), block(1), ack(1), block(2, 100), ack(2)],
    ],
    ['100 B, blocks of 512, asked 2 times', [read, read, block(1, 100), ack(1)]],
    ['broke off after 512 B, blocks of 512', [read, block(1), ack(1)]],
    ['error 1: File not found', [read, down([0, 5, 0, 1], 'File not found\0')]],
    ['no answer', [read]],
    ['no answer to 3 requests', [read, read, read]],
    [
      'asked only how large it is: 12345 bytes',
      [read, down([0, 6], 'tsize\x0012345\0'), up([0, 5, 0, 8], 'User aborted\0')],
    ],
    ['1.41 kB, blocks of 1468', [read, down([0, 6], 'blksize\x001468\0'), ack(0), block(1, 1408), ack(1)]],
  ])('%s', async (text, frames) => {
    expect(tftpOutcomeText(await transfer(frames))).toBe(text);
  });

  test('of more than 65,535 blocks', async () => {
    const frames = [read, down([0, 6], 'blksize\x008\0')];
    for (let number = 1; number <= 65_541; number++) {
      frames.push(block(number & 0xffff, number === 65_541 ? 3 : 8), ack(number & 0xffff));
    }
    const done = await transfer(frames);
    expect(done).toMatchObject({ outcome: 'complete', bytes: 8 * 65_540 + 3, retransmits: 0 });
  });

  test('that a client sends', async () => {
    const sent = await transfer([
      ask([0, 2], 'log\0octet\0'),
      down([0, 4, 0, 0]),
      up([0, 3, 0, 1], 'short'),
      down([0, 4, 0, 1]),
    ]);
    expect(sent).toMatchObject({ direction: 'write', outcome: 'complete', bytes: 5, client: '10.0.0.5' });
  });
});

describe('problems', () => {
  test('an address that two hosts claim', async () => {
    const claim = (mac: string, ip: string) =>
      ethernet({ src: mac, type: 0x0806 }, arp({ senderMac: mac, senderIp: ip }));
    const [a, b] = ['52:54:00:00:00:0a', '52:54:00:00:00:0b'];
    const { arpConflicts } = await lan(
      claim(a, '10.0.0.1'),
      claim(b, '10.0.0.2'),
      claim(b, '10.0.0.1'),
      claim(a, '0.0.0.0'),
      claim(b, '0.0.0.0'),
    );
    expect(arpConflicts).toEqual([
      {
        ip: '10.0.0.1',
        claims: [
          { mac: a, frame: 1 },
          { mac: b, frame: 3 },
        ],
      },
    ]);
  });

  test('wrong checksums', async () => {
    const wrong = ethernet({ type: 0x0800 }, udp4({ srcPort: 1, dstPort: 2, checksum: 1 }, bytes('x')));
    expect((await lan(dhcpFrame({ type: 1 }), wrong, wrong)).checksums).toEqual({
      bad: [{ layer: 'udp', frames: 2, firstFrame: 2 }],
      offloaded: 0,
    });
  });

  test('frames captured twice; what is repeated later is not', async () => {
    const [a, b] = [dhcpFrame({ xid: 1 }), dhcpFrame({ xid: 2 })];
    const { duplicates } = await lanOf([at(0, a, 1), at(1, b, 2), at(50, a, 3), at(1050, a, 4)]);
    expect(duplicates).toEqual({ frames: 1, first: { frame: 1, again: 3 } });
  });

  test('frames that are cut or malformed', async () => {
    const { undecoded } = await lan(dhcpFrame({ type: 1 }), dhcpFrame({ type: 1 }).subarray(0, 60));
    expect(undecoded).toEqual([
      { reason: 'ipv4: the total length exceeds the frame', frames: 1, firstFrame: 2 },
    ]);
  });
});

describe('LANs', () => {
  const vlans = (...tags: readonly Tag[]) => captured(dhcpFrame({ type: 1 }, tags));

  test('are told apart by their tags', async () => {
    const frames = [
      vlans(),
      vlans({ id: 1001 }),
      vlans({ id: 7, tpid: 0x88a8 }, { id: 1001 }),
      vlans({ id: 0 }),
      vlans({ id: 1001 }),
    ];
    const { lans } = await summed(pcapFile(1, frames));
    expect(lans.map((each) => [each.vlans, each.frames])).toEqual([
      [[], 1],
      [[1001], 2],
      [[7, 1001], 1],
      [[0], 1],
    ]);
  });

  test('and by capture point', async () => {
    const points = [
      { linkType: 1, name: 'devstack/eth2' },
      { linkType: 1, name: 'devstack/br-int' },
    ];
    const { lans } = await summed(
      pcapngFile(points, [
        { ...vlans(), interfaceId: 0 },
        { ...vlans({ id: 2 }), interfaceId: 1 },
      ]),
    );
    expect(lans.map(({ point, vlans: ids }) => [point, ids])).toEqual([
      ['devstack/eth2', []],
      ['devstack/br-int', [2]],
    ]);
  });

  test('in tunnels are LANs of their own', async () => {
    const inner = dhcpFrame({ type: 1 }, [{ id: 5 }]);
    const tunnel = udp4({ srcPort: 1, dstPort: 4789 }, bytes([8, 0, 0, 0], u32(1001 << 8), inner));
    const { lans } = await summed(pcapFile(1, [captured(ethernet({ type: 0x0800 }, tunnel))]));
    expect(lans.map(({ tunnel: name, vlans: ids, dhcp }) => [name, ids, dhcp.length])).toEqual([
      [undefined, [], 0],
      ['vxlan 1001', [5], 1],
    ]);
  });
});

test('hosts with the addresses they claim by ARP, or else use', async () => {
  const mac = '52:54:00:00:00:0a';
  const { hosts } = await lan(
    ethernet({ type: 0x0800 }, udp4({ src: '10.0.0.7', srcPort: 1, dstPort: 2 }, bytes('x'))),
    ethernet({ src: mac, type: 0x0800 }, udp4({ src: '192.0.2.1', srcPort: 1, dstPort: 2 }, bytes('x'))),
    ethernet({ src: mac, type: 0x0806 }, arp({ senderMac: mac, senderIp: '10.0.0.1' })),
  );
  expect(hosts.map((host) => [host.mac, host.addresses, host.frames])).toEqual([
    [mac, ['10.0.0.1'], 2],
    ['52:54:00:00:00:01', ['10.0.0.7'], 1],
  ]);
});

test('the text of a capture', async () => {
  const frames = [
    dhcpFrame({ type: 1 }, [{ id: 1001 }]),
    dhcpFrame({ op: 2, type: 2, yiaddr: '10.0.0.5', options: [[54, [10, 0, 0, 2]]] }, [{ id: 1001 }]),
  ].map((content, i) => at(i * 40, content, i + 1));
  const text = captureSummaryText('a.pcap', await summed(pcapFile(1, frames)));
  // Colours are for terminals.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is a control character
  expect(text.replace(/\x1b\[\d+m/g, '').replace(/from \d{4}-.*/, 'from NOW')).toBe(
    `a.pcap: 2 frames, 586 B, 40 ms from NOW

VLAN 1001: 2 frames, 586 B
  hosts
    52:54:00:00:00:01  -         1 frame, 290 B sent
    52:54:00:00:00:02  10.0.0.2  1 frame, 296 B sent
  DHCP
    ! 52:54:00:00:00:01 was offered 10.0.0.5 by 10.0.0.2 and did not take it (DISCOVER, OFFER; from frame 1)`,
  );
});
