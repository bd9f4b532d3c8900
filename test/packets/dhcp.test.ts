import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../../src/packets/decode.ts';
import { type Dhcp, dhcpOption } from '../../src/packets/dhcp.ts';
import {
  bytes,
  captured,
  type DhcpMessage,
  dhcp,
  dhcpFrame,
  ethernet,
  dhcpOption as option,
  type Part,
  u32,
  udp4,
} from './build.ts';

function decode(message: DhcpMessage): Dhcp {
  const frame = decodeFrame(captured(dhcpFrame(message)));
  expect(frame.error).toBeUndefined();
  if (!frame.dhcp) throw new Error('no DHCP message');
  return frame.dhcp;
}

test.each<[name: string, code: number, data: Part, value: unknown]>([
  ['subnet mask', 1, [255, 255, 255, 0], '255.255.255.0'],
  ['time offset, negative', 2, u32(0xffffb9b0), -18_000],
  ['routers', 3, [10, 0, 0, 1, 10, 0, 0, 2], ['10.0.0.1', '10.0.0.2']],
  ['host name with a zero at its end', 12, 'baremetal-1\0', 'baremetal-1'],
  ['IP forwarding', 19, [1], true],
  ['MTU', 26, [5, 170], 1450],
  ['lease time for ever', 51, [255, 255, 255, 255], 4_294_967_295],
  ['message type', 53, [8], 'INFORM'],
  ['parameter request list', 55, [1, 3, 6, 121], [1, 3, 6, 121]],
  ['client identifier that is a MAC', 61, [1, 0x52, 0x54, 0, 0, 0, 9], '52:54:00:00:00:09'],
  ['client identifier of another kind', 61, [255, 1, 2], 'ff0102'],
  ['user class as RFC 3004 has it', 77, bytes([4], 'iPXE', [2], 'ab'), 'iPXE,ab'],
  ['user class as iPXE sends it', 77, 'iPXE', 'iPXE'],
  ['client architecture', 93, [0, 7, 0, 9], [7, 9]],
  ['network interface', 94, [1, 3, 16], '1.3.16'],
  [
    'machine identifier',
    97,
    bytes([0, 0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99], 'abcdef'),
    '00112233-4455-6677-8899-616263646566',
  ],
  [
    'domain search with a pointer',
    119,
    bytes([3], 'eng', [5], 'apple', [0, 9], 'marketing', [0xc0, 4]),
    ['eng.apple', 'marketing.apple'],
  ],
  ['domain search that goes in circles', 119, [0xc0, 0], 'c000'],
  [
    'classless routes',
    121,
    [0, 10, 0, 0, 1, 24, 192, 168, 7, 10, 0, 0, 2],
    ['0.0.0.0/0 via 10.0.0.1', '192.168.7.0/24 via 10.0.0.2'],
  ],
  ['TFTP servers', 150, [10, 0, 0, 2], ['10.0.0.2']],
  ['data of the wrong length', 51, [1, 2], '0102'],
  ['an option nobody knows', 250, [1, 2], '0102'],
])('%s', (_name, code, data, value) => {
  expect(dhcpOption(decode({ options: [[code, data]] }), code)?.value).toEqual(value);
});

describe('options in options', () => {
  const inside = (code: number, data: Part) =>
    dhcpOption(decode({ type: 1, options: [[code, data]] }), code)?.value;

  test('of a PXE boot server', () => {
    expect(inside(43, bytes(option(6, [8]), option(10, bytes([0], 'PXE')), [255]))).toMatchObject([
      { code: 6, name: 'discovery-control', value: 8 },
      { code: 10, name: 'menu-prompt' },
    ]);
  });

  test('of iPXE', () => {
    expect(inside(175, bytes(option(176, [1]), option(190, 'root')))).toMatchObject([
      { code: 176, name: 'no-pxe-dhcp', value: 1 },
      { code: 190, name: 'username', value: 'root' },
    ]);
  });

  test('of a relay agent', () => {
    expect(inside(82, bytes(option(1, 'eth0'), option(5, [10, 0, 0, 0])))).toMatchObject([
      { code: 1, name: 'circuit-id', value: '65746830' },
      { code: 5, name: 'link-selection', value: '10.0.0.0' },
    ]);
  });

  test('that are none', () => {
    expect(inside(43, 'MSFT 5.0')).toBe('4d53465420352e30');
  });
});

describe('long options', () => {
  test('are joined, also when other options stand between', () => {
    const message = decode({
      type: 1,
      options: [
        [56, 'a'.repeat(255)],
        [12, 'host'],
        [56, 'b'],
      ],
    });
    expect(dhcpOption(message, 56)?.value).toBe(`${'a'.repeat(255)}b`);
    expect(message.options.map(({ code }) => code)).toEqual([53, 56, 12]);
  });

  test('go on from the options into the file and then the server name', () => {
    const message = decode({
      type: 5,
      options: [
        [52, [3]],
        [56, 'one '],
      ],
      file: bytes(option(56, 'two '), [255]),
      sname: bytes(option(56, 'three'), [255]),
    });
    expect(dhcpOption(message, 56)?.value).toBe('one two three');
    expect(message).not.toHaveProperty('file');
    expect(message).not.toHaveProperty('sname');
  });
});

describe('the message type', () => {
  test('may stand in the file field', () => {
    const message = decode({ op: 2, options: [[52, [1]]], file: bytes(option(53, [5]), [255]) });
    expect(message.type).toBe('ACK');
  });

  test('is null in BOOTP and a number when it is none of the eight', () => {
    expect(decode({ cookie: [] }).type).toBeNull();
    expect(decode({ type: 13 }).type).toBe(13);
  });
});

test('the server name and file of the fixed part', () => {
  expect(decode({ op: 2, type: 2, sname: 'tftp', file: 'pxelinux.0' })).toMatchObject({
    sname: 'tftp',
    file: 'pxelinux.0',
  });
});

test('a message on the proxy DHCP port', () => {
  const content = ethernet({ type: 0x0800 }, udp4({ srcPort: 68, dstPort: 4011 }, dhcp({ type: 3 })));
  expect(decodeFrame(captured(content)).dhcp?.type).toBe('REQUEST');
});

test('an option that is cut short costs that option only', () => {
  const message = dhcp({ type: 1, options: [[12, 'host']] });
  const cut = bytes(message.subarray(0, message.length - 1), [50, 4, 10]);
  const frame = decodeFrame(captured(ethernet({ type: 0x0800 }, udp4({ srcPort: 68, dstPort: 67 }, cut))));
  expect(frame.error).toBe('dhcp: an option is cut short');
  expect(frame.dhcp?.options.map(({ code }) => code)).toEqual([53, 12]);
});
