import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/linux/pcap-filter.ts';
import { run } from '../../src/linux/process.ts';
import { accepts, parseBpf } from '../../src/packets/bpf.ts';
import { linkTypes } from '../../src/packets/frame.ts';
import { readCaptureFile } from '../../src/packets/read.ts';
import { corpus } from './corpus.ts';

/** The filters run here against tcpdump, which runs the same filters on the same files. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const expressions = [
  'arp',
  'udp port 67',
  'vlan',
  'vlan 1001 and udp port 67',
  'udp port 67 or (vlan and udp port 67)',
  'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
  'ip6 and icmp6',
  'ether[0] & 1 != 0',
  'greater 300',
  'host 10.0.0.5 and not port 67',
  'net 10.0.0.0/24 and (len > 100 or ip[8] < 10)',
  'ip6 protochain 17',
  'ip[2:2] - ((ip[0] & 0xf) << 2) > 100',
  'icmp[icmptype] * 3 / 2 % 7 = 5',
];

const files = corpus();

describe.each([
  'cut-at-286',
  'dhcp-exchange-vlan',
  'everything-triple',
  'everything-sll-vlan',
  'everything-ipv4',
  'everything-loop',
])('%s', (name) => {
  const content = files.find((file) => file.name === name)?.content ?? new Uint8Array(0);

  test('is there', () => expect(content.length).toBeGreaterThan(1000));

  test.each(expressions)('%s', async (expression) => {
    const path = join(folder, 'in.pcap');
    writeFileSync(path, content);
    const { frames } = await readCaptureFile(path);
    const linkType = frames[0]?.linkType ?? linkTypes.ethernet;
    const theirs = await run(['tcpdump', '-r', path, '-w', join(folder, 'out.pcap'), '--', expression], {
      accept: [0, 1],
    });
    // Not every expression makes sense on every link type; tcpdump then says so to both.
    if (theirs.exitCode !== 0) {
      await expect(compileFilter(expression, linkType)).rejects.toThrow(/the filter .* is wrong/);
      return;
    }
    const program = await compileFilter(expression, linkType);
    const ours = frames.filter(({ bytes, length }) => accepts(program, bytes, 0, bytes.length, length));
    const { frames: kept } = await readCaptureFile(join(folder, 'out.pcap'));
    // Each frame of the corpus has a time of its own, to the millisecond.
    expect(ours.map(({ time }) => time / 1000n)).toEqual(kept.map(({ time }) => time / 1000n));
  });
});

test("a wrong expression is told in tcpdump's words", async () => {
  await expect(compileFilter('udp prt 67', linkTypes.ethernet)).rejects.toThrow(
    'the filter "udp prt 67" is wrong: can\'t parse filter expression: syntax error',
  );
});

test('any program ends, on any frame', () => {
  const instruction = fc.record({
    code: fc.nat(255),
    jt: fc.nat(255),
    jf: fc.nat(255),
    k: fc.nat(0xffff_ffff),
  });
  fc.assert(
    fc.property(
      fc.array(instruction, { maxLength: 30 }),
      fc.uint8Array({ maxLength: 64 }),
      (program, bytes) => {
        expect(accepts(program, bytes, 0, bytes.length, bytes.length)).toBeTypeOf('boolean');
      },
    ),
  );
});

test('what is no program is refused', () => {
  expect(() => parseBpf('2\n6 0 0 1\n')).toThrow('1 instructions instead of 2');
  expect(() => parseBpf('1\nhello\n')).toThrow('not a packet filter instruction');
});
