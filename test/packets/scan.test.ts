import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/linux/pcap-filter.ts';
import { decoded, FrameDecoder } from '../../src/packets/decode.ts';
import { JsonLines } from '../../src/packets/json-lines.ts';
import { readCaptureFile } from '../../src/packets/read.ts';
import { fileChunks, scanCapture } from '../../src/packets/scan.ts';
import { pcapFile, pcapHeader, pcapngFile, pcapRecord } from '../../src/packets/write.ts';
import { arp, captured, dhcpFrame, ethernet } from './build.ts';
import { corpus } from './corpus.ts';
import { heldMemory } from './held-memory.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scan-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function saved(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a pass shows the frames and layers that reading the file gives', async () => {
  for (const { name, content } of corpus()) {
    const path = saved(name, content);
    const passed: unknown[] = [];
    const options = { streams: true };
    const damage = await scanCapture(
      fileChunks(path),
      (record, layers) => passed.push([record.number, record.time(), decoded(layers)]),
      options,
    );
    expect(damage).toBeUndefined();
    const decoder = new FrameDecoder();
    const { frames } = await readCaptureFile(path);
    expect(passed).toEqual(frames.map((frame) => [frame.number, frame.time, decoder.decode(frame)]));
    rmSync(path);
  }
});

test('memory does not grow with the length of the stream', async () => {
  const record = pcapRecord(captured(dhcpFrame({ type: 1 })));
  const chunk = Buffer.concat(new Array(2000).fill(record));
  const held: number[] = [];
  async function* source() {
    yield pcapHeader(1);
    for (let sent = 0; sent < 600; sent++) {
      yield chunk;
      if (sent % 100 === 0) held.push(await heldMemory());
    }
  }
  let frames = 0;
  await scanCapture(source(), () => {
    frames++;
  });
  expect(frames).toBe(1_200_000);
  expect(Math.max(...held) - (held[0] ?? 0)).toBeLessThan(4 * 1024 * 1024);
});

test('a stream of gzip data from a pipe', async () => {
  const packed = gzipSync(pcapFile(1, [captured(dhcpFrame({ type: 1 }))]));
  let frames = 0;
  await scanCapture(Readable.from([packed.subarray(0, 9), packed.subarray(9)]), () => {
    frames++;
  });
  expect(frames).toBe(1);
});

test('a file that is not there is a usage error', async () => {
  await expect(scanCapture(fileChunks('/nowhere'), () => undefined)).rejects.toMatchObject({ code: 'usage' });
});

describe('a filter', () => {
  const frames = [dhcpFrame({ type: 1 }), ethernet({ type: 0x0806 }, arp({})), dhcpFrame({ type: 3 })];
  const content = pcapFile(
    1,
    frames.map((frame, i) => captured(frame, { number: i + 1 })),
  );

  test('leaves the frame numbers what they are', async () => {
    const seen: number[] = [];
    const filterFor = (linkType: number) => compileFilter('udp port 67', linkType);
    await scanCapture(Readable.from([content]), ({ number }) => seen.push(number), { filterFor });
    expect(seen).toEqual([1, 3]);
  });

  test('is compiled for each link type', async () => {
    const interfaces = [{ linkType: 1 }, { linkType: 101 }];
    const raw = { ...captured(dhcpFrame({ type: 1 }).subarray(14)), interfaceId: 1, linkType: 101 };
    const file = pcapngFile(interfaces, [
      { ...captured(frames[1] ?? new Uint8Array(0)), interfaceId: 0 },
      raw,
    ]);
    const compiled: number[] = [];
    const seen: number[] = [];
    const filterFor = (linkType: number) => {
      compiled.push(linkType);
      return compileFilter('udp', linkType);
    };
    await scanCapture(Readable.from([file]), ({ number }) => seen.push(number), { filterFor });
    expect({ compiled, seen }).toEqual({ compiled: [1, 101], seen: [2] });
  });
});

describe('lines of JSON', () => {
  async function lines(content: Uint8Array, file = 'a.pcap'): Promise<string> {
    const json = new JsonLines(file);
    await scanCapture(Readable.from([content]), (record, layers) => json.add(record, layers));
    return Buffer.from(json.take()).toString();
  }

  test('hold the frame and its layers', async () => {
    const text = await lines(pcapFile(1, [captured(dhcpFrame({ type: 1 }, [{ id: 1001 }]))]));
    expect(text).toContain('{"file":"a.pcap","number":1,"time":1400000000.001000000,"length":');
    expect(JSON.parse(text)).toMatchObject({
      vlans: [{ id: 1001 }],
      eth: { src: '52:54:00:00:00:01', type: 0x8100 },
      ipv4: { src: '0.0.0.0' },
      udp: { dstPort: 67 },
      dhcp: { op: 1, type: 'DISCOVER', xid: '0x12345678' },
    });
  });

  test('hold the capture point and the comment, whatever characters are in them', async () => {
    const frame = { ...captured(ethernet({ type: 0x0806 }, arp({}))), interfaceId: 0, comment: 'ü "\n" 𝄞' };
    const text = await lines(pcapngFile([{ linkType: 1, name: 'devstack/éth2' }], [frame]), '"q"\n.pcap');
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({
      file: '"q"\n.pcap',
      interface: 'devstack/éth2',
      comment: 'ü "\n" 𝄞',
    });
  });

  test('are one for each frame of every capture', async () => {
    for (const { content } of corpus()) {
      const found = (await lines(content))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { number: number });
      expect(found.map(({ number }) => number)).toEqual(found.map((_, i) => i + 1));
    }
  });
});
