import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { linkTypes } from '../../src/packets/frame.ts';
import { captureFrames, readCaptureFile } from '../../src/packets/read.ts';
import { pcapFile, pcapngFile } from '../../src/packets/write.ts';
import { arp, captured, dhcpFrame, ethernet } from './build.ts';

const frames = [
  captured(dhcpFrame({ type: 1 }), { number: 1 }),
  captured(ethernet({ type: 0x0806 }, arp({})), { number: 2 }),
  captured(dhcpFrame({ op: 2, type: 2, yiaddr: '10.0.0.5' }, [{ id: 1001 }]), { number: 3 }),
];
const pcap = pcapFile(linkTypes.ethernet, frames);
const pcapng = pcapngFile(
  [
    { linkType: linkTypes.ethernet, name: 'devstack/eth2' },
    { linkType: linkTypes.ethernet, name: 'devstack/br-int', comment: 'local VLAN' },
  ],
  frames.map((frame, index) => ({ ...frame, interfaceId: index % 2, comment: `frame ${frame.number}` })),
  { comment: 'three frames' },
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: Uint8Array) {
  const path = join(folder, 'capture');
  writeFileSync(path, content);
  return await readCaptureFile(path);
}

async function* inPieces(content: Uint8Array, size: number) {
  for (let at = 0; at < content.length; at += size) yield content.slice(at, at + size);
}

describe('what was written is read back', () => {
  test('pcap', async () => {
    const capture = await read(pcap);
    expect(capture.error).toBeUndefined();
    expect(capture.frames.map((f) => ({ ...f, bytes: Buffer.from(f.bytes) }))).toEqual(
      frames.map((f) => ({ ...f, bytes: Buffer.from(f.bytes) })),
    );
  });

  test('pcapng, with names, comments and several interfaces', async () => {
    const capture = await read(pcapng);
    expect(capture.error).toBeUndefined();
    expect(capture.interfaces.map(({ name }) => name)).toEqual(['devstack/eth2', 'devstack/br-int']);
    expect(capture.frames.map(({ time, interfaceId, comment }) => ({ time, interfaceId, comment }))).toEqual(
      frames.map(({ time, number }, index) => ({ time, interfaceId: index % 2, comment: `frame ${number}` })),
    );
    expect(capture.frames.map((f) => Buffer.from(f.bytes))).toEqual(frames.map((f) => Buffer.from(f.bytes)));
  });

  test('gzip of both', async () => {
    for (const content of [pcap, pcapng]) {
      const capture = await read(gzipSync(content));
      expect(capture.error).toBeUndefined();
      expect(capture.frames).toHaveLength(3);
    }
  });

  test('in pieces of any size', async () => {
    for (const content of [pcap, pcapng, gzipSync(pcap)]) {
      for (const size of [1, 2, 3, 7, 64, 1000]) {
        const seen = [];
        for await (const frame of captureFrames(inPieces(content, size))) seen.push(Buffer.from(frame.bytes));
        expect(seen).toEqual(frames.map((f) => Buffer.from(f.bytes)));
      }
    }
  });
});

describe('damage', () => {
  test('a file cut anywhere gives the whole frames before the cut and one error with the offset', async () => {
    for (const content of [pcap, pcapng]) {
      for (let length = 0; length < content.length; length += 13) {
        const capture = await read(content.subarray(0, length));
        const whole = await read(content);
        expect(capture.frames.length).toBeLessThanOrEqual(3);
        capture.frames.forEach((frame, index) => {
          expect(Buffer.from(frame.bytes)).toEqual(Buffer.from(whole.frames[index]?.bytes ?? []));
        });
        if (capture.error) expect(capture.error.offset).toBeLessThanOrEqual(length);
      }
    }
  });

  test('a record of absurd length', async () => {
    const content = Buffer.from(pcap);
    const second = 24 + 16 + (frames[0]?.bytes.length ?? 0);
    content.writeUInt32LE(0x7fff_ffff, second + 8);
    const capture = await read(content);
    expect(capture.frames).toHaveLength(1);
    expect(capture.error?.offset).toBe(second);
    expect(capture.error?.message).toContain('frame 2 claims 2147483647 captured bytes');
  });

  test('something else than a capture', async () => {
    const capture = await read(Buffer.from('#!/bin/sh\n'));
    expect(capture.frames).toEqual([]);
    expect(capture.error?.message).toContain('neither pcap nor pcapng');
  });

  test('a gzip file cut short gives what it holds', async () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      captured(dhcpFrame({ xid: i * 7919 }), { number: i + 1 }),
    );
    const packed = gzipSync(pcapFile(linkTypes.ethernet, many));
    const capture = await read(packed.subarray(0, packed.length / 2));
    expect(capture.frames.length).toBeGreaterThan(500);
    expect(capture.error?.message).toContain('gzip');
  });
});

test('tshark reads what was written', async () => {
  for (const [name, content] of [
    ['a.pcap', pcap],
    ['a.pcapng', pcapng],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { stdout } = await run([
      'tshark',
      '-r',
      path,
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'frame.len',
    ]);
    expect(stdout.trim().split('\n')).toEqual(
      frames.map(
        (f) => `${f.time / 1_000_000_000n}.${String(f.time % 1_000_000_000n).padStart(9, '0')}\t${f.length}`,
      ),
    );
  }
});
