import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { type Checksums, verifyChecksums } from '../../src/packets/checksum.ts';
import { FrameDecoder } from '../../src/packets/decode.ts';
import type { CapturedFrame } from '../../src/packets/frame.ts';
import { pcapFile } from '../../src/packets/write.ts';
import { bytes, captured, checksum, dhcpFrame, ethernet, ip, ipv4, tcp4, u16, udp4, udp6 } from './build.ts';
import { traffic } from './traffic.ts';

function sums(content: Uint8Array, decoder = new FrameDecoder(), length = content.length): Checksums {
  decoder.decode(captured(content, { length }));
  return verifyChecksums(decoder.layers);
}

function changed(content: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(content);
  copy[at] = (copy[at] ?? 0) ^ 0x40;
  return copy;
}

const frame = (packet: Uint8Array) => ethernet({ type: 0x0800 }, packet);
const datagram = frame(udp4({ srcPort: 1000, dstPort: 2000 }, bytes('odd')));

test('good sums', () => {
  expect(sums(datagram)).toEqual({ ipv4: 'good', udp: 'good' });
  expect(sums(dhcpFrame({ type: 1 }, [{ id: 5 }]))).toEqual({ ipv4: 'good', udp: 'good' });
  expect(sums(frame(tcp4({ srcPort: 1, dstPort: 2 }, bytes('x'))))).toEqual({ ipv4: 'good', tcp: 'good' });
  expect(sums(ethernet({ type: 0x86dd }, udp6({ srcPort: 1, dstPort: 2 }, bytes('x'))))).toEqual({
    udp: 'good',
  });
});

test('one bit wrong', () => {
  expect(sums(changed(datagram, 22))).toEqual({ ipv4: 'bad', udp: 'good' });
  expect(sums(changed(datagram, datagram.length - 1))).toEqual({ ipv4: 'good', udp: 'bad' });
});

test('none', () => {
  expect(sums(frame(udp4({ srcPort: 1, dstPort: 2, checksum: 0 }, bytes('x'))))).toMatchObject({
    udp: 'none',
  });
});

test('left to the network card: the sum of the pseudo header alone, not complemented', () => {
  const partial = ~checksum(ip('10.0.0.1'), ip('10.0.0.2'), [0, 17], u16(11)) & 0xffff;
  const content = frame(udp4({ srcPort: 1, dstPort: 2, checksum: partial }, bytes('abc')));
  expect(sums(content)).toEqual({ ipv4: 'good', udp: 'offloaded' });
});

test('cut by the capture', () => {
  expect(sums(datagram.subarray(0, datagram.length - 1), undefined, datagram.length)).toEqual({
    ipv4: 'good',
    udp: 'unknown',
  });
});

test('of a datagram in fragments, when it is complete', () => {
  const whole = udp4({ srcPort: 1, dstPort: 2 }, new Uint8Array(100).fill(7)).subarray(20);
  const fragment = (offset: number, end: number) =>
    frame(
      ipv4(
        { protocol: 17, fragmentOffset: offset, moreFragments: end < whole.length },
        whole.subarray(offset, end),
      ),
    );
  const decoder = new FrameDecoder();
  expect(sums(fragment(64, whole.length), decoder)).toEqual({ ipv4: 'good' });
  expect(sums(fragment(0, 64), decoder)).toEqual({ ipv4: 'good', udp: 'good' });
});

test('as tshark finds them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checksum-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const packets = [
    'dhcp-exchange',
    'tftp',
    'icmp',
    'icmpv6',
    'ipv4-forms',
    'ipv4-fragments',
    'ipv6-forms',
    'tcp',
  ].flatMap((theme) => traffic[theme] ?? []);
  const frames: CapturedFrame[] = packets.flatMap(({ type, payload }, i) => {
    const content = ethernet({ type }, payload);
    // As it is, and with a bit of its last byte wrong.
    return [content, changed(content, content.length - 1)].map((each, k) =>
      captured(each, { number: 2 * i + k + 1 }),
    );
  });
  const path = join(folder, 'sums.pcap');
  writeFileSync(path, pcapFile(1, frames));
  const names = ['ipv4', 'udp', 'tcp', 'icmp', 'icmpv6'] as const;
  const prefs = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'].flatMap((p) => [
    '-o',
    `${p}:TRUE`,
  ]);
  const fields = ['ip', 'udp', 'tcp', 'icmp', 'icmpv6'].flatMap((p) => ['-e', `${p}.checksum.status`]);
  const { stdout } = await run([
    'tshark',
    '-n',
    '-r',
    path,
    ...prefs,
    '-T',
    'fields',
    '-E',
    'occurrence=f',
    ...fields,
  ]);
  const states: Readonly<Record<string, string>> = { '0': 'bad', '1': 'good', '3': 'none' };
  const theirs = stdout
    .split('\n')
    .slice(0, frames.length)
    .map((line) => {
      const found = line.split('\t').map((status, i) => [names[i], states[status]] as const);
      // tshark also verifies the datagram that an ICMP error quotes.
      const isIcmp = found.some(([name, state]) => name?.startsWith('icmp') && state);
      return Object.fromEntries(found.filter(([name, state]) => state && !(isIcmp && name === 'udp')));
    });
  const decoder = new FrameDecoder();
  const ours = frames.map((each) => {
    decoder.decode(each);
    const found = Object.entries(verifyChecksums(decoder.layers));
    return Object.fromEntries(
      found
        .filter(([, state]) => state !== 'unknown')
        .map(([k, state]) => [k, state === 'offloaded' ? 'bad' : state]),
    );
  });
  expect(ours).toEqual(theirs);
});
