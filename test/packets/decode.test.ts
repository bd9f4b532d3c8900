import { describe, expect, test } from 'vitest';
import { decodeFrame, vlanId } from '../../src/packets/decode.ts';
import { dhcpOption } from '../../src/packets/dhcp.ts';
import { arp, bytes, captured, dhcpFrame, ethernet, macs, type Part, tcp4, u16, udp4 } from './build.ts';

const decode = (content: Uint8Array) => decodeFrame(captured(content));

describe('a DHCP frame', () => {
  const offer = decode(
    dhcpFrame(
      {
        op: 2,
        type: 2,
        xid: 0xdeadbeef,
        yiaddr: '10.0.0.5',
        siaddr: '10.0.0.2',
        options: [
          [54, [10, 0, 0, 2]],
          [51, [0, 0, 14, 16]],
          [67, 'pxelinux.0'],
        ],
      },
      [{ id: 1001, priority: 5 }],
    ),
  );

  test('gives the message', () => {
    expect(offer.dhcp).toMatchObject({
      op: 2,
      type: 'OFFER',
      xid: '0xdeadbeef',
      chaddr: macs.client,
      yiaddr: '10.0.0.5',
      siaddr: '10.0.0.2',
      ciaddr: '0.0.0.0',
      giaddr: '0.0.0.0',
    });
    expect(offer.dhcp && dhcpOption(offer.dhcp, 67)?.value).toBe('pxelinux.0');
    expect(offer.dhcp?.options.map(({ code }) => code)).toEqual([53, 54, 51, 67]);
    expect(offer.error).toBeUndefined();
  });

  test('gives the layers around it', () => {
    expect(offer.eth).toEqual({ src: macs.server, dst: macs.broadcast, type: 0x8100 });
    expect(offer.vlans).toEqual([{ id: 1001, priority: 5, dei: false, tpid: 0x8100, type: 0x0800 }]);
    expect(offer.ipv4).toMatchObject({ src: '10.0.0.2', dst: '255.255.255.255', protocol: 17, ttl: 64 });
    expect(offer.udp).toMatchObject({ srcPort: 67, dstPort: 68 });
  });
});

test('vlanId is the outer tag, 0 for a priority tag, null without a tag', () => {
  expect(vlanId(decode(dhcpFrame({}, [{ id: 7, tpid: 0x88a8 }, { id: 1001 }])))).toBe(7);
  expect(vlanId(decode(dhcpFrame({}, [{ id: 0, priority: 3 }])))).toBe(0);
  expect(vlanId(decode(dhcpFrame({})))).toBeNull();
});

test('ARP', () => {
  expect(decode(ethernet({ type: 0x0806 }, arp({ op: 2 }))).arp).toEqual({
    op: 2,
    senderMac: macs.client,
    senderIp: '10.0.0.1',
    targetMac: '00:00:00:00:00:00',
    targetIp: '10.0.0.2',
  });
});

test('TCP', () => {
  const { tcp } = decode(ethernet({ type: 0x0800 }, tcp4({ srcPort: 40000, dstPort: 80, seq: 7, flags: 2 })));
  expect(tcp).toMatchObject({ srcPort: 40000, dstPort: 80, seq: 7, flags: 'SYN', length: 0 });
});

describe('TFTP', () => {
  const tftp = (...parts: readonly Part[]) =>
    decode(ethernet({ type: 0x0800 }, udp4({ srcPort: 2070, dstPort: 69 }, bytes(...parts)))).tftp;

  test('a request with options', () => {
    expect(tftp([0, 1], 'pxelinux.0\0', 'octet\0', 'BLKSIZE\x001408\0')).toEqual({
      opcode: 1,
      file: 'pxelinux.0',
      mode: 'octet',
      options: { blksize: '1408' },
    });
  });

  test('an error', () => {
    expect(tftp([0, 5], u16(1), 'File not found\0')).toEqual({
      opcode: 5,
      errorCode: 1,
      errorMessage: 'File not found',
    });
  });
});

test('a frame cut at any byte gives a reason and never throws', () => {
  const whole = dhcpFrame({ type: 1, options: [[61, [1, 2, 3]]] }, [{ id: 1001 }]);
  for (let length = 0; length < whole.length; length++) {
    const { error } = decodeFrame(captured(whole.subarray(0, length), { length: whole.length }));
    expect(error, `${length} bytes`).toBeTypeOf('string');
  }
  expect(decode(whole).error).toBeUndefined();
});
