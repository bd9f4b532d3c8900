import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyChecksums } from '../../src/packets/checksum.ts';
import { decodeFrame, FrameDecoder } from '../../src/packets/decode.ts';
import { dissect } from '../../src/packets/dissect.ts';
import { Dissection } from '../../src/packets/dissection.ts';
import { type CapturedFrame, CaptureError, linkTypes } from '../../src/packets/frame.ts';
import { captureFrames } from '../../src/packets/read.ts';
import { pcapFile, pcapngFile } from '../../src/packets/write.ts';
import { bytes, captured, ethernet, ipv4, tcp4, u16 } from './build.ts';
import { corpus } from './corpus.ts';
import { heldMemory } from './held-memory.ts';

/** 5,000 inputs; 100,000 with LAB_NIGHTLY=1. */
const inputs = process.env.LAB_NIGHTLY ? 100_000 : 5_000;
const timeout = process.env.LAB_NIGHTLY ? 1_800_000 : 120_000;

// What tcpdump captured of fixtures/live-traffic.sh, as live.test.ts runs it.
const live = gunzipSync(readFileSync(new URL('fixtures/live.pcap.gz', import.meta.url)));
const files = [...corpus(), ...new Array(20).fill({ name: 'live', content: live })];
const frames = await allFrames();

async function allFrames(): Promise<CapturedFrame[]> {
  const all: CapturedFrame[] = [];
  for (const { content } of files) for await (const frame of captureFrames(whole(content))) all.push(frame);
  return all;
}

async function* whole(content: Uint8Array) {
  yield content;
}

/** A change of a byte string: at a place (as a part of the length) bytes are overwritten, cut out or put in. */
const change = fc.record({
  kind: fc.constantFrom('overwrite', 'cut', 'insert', 'truncate'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      ...[[0], [255], [0, 0], [255, 255], [0, 0, 0, 0], [255, 255, 255, 255]].map((b) => Uint8Array.from(b)),
    ),
  ),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(content: Uint8Array, changes: readonly Change[]): Uint8Array {
  let result = content;
  for (const { kind, at, bytes: data } of changes) {
    const place = Math.floor(at * result.length);
    const rest = kind === 'insert' ? place : place + data.length;
    const between = kind === 'cut' ? [] : data;
    result =
      kind === 'truncate'
        ? result.subarray(0, place)
        : bytes(result.subarray(0, place), between, result.subarray(rest));
  }
  return result;
}

const dissection = new Dissection();

/** Everything that is done with a frame; what it gives can be printed as JSON. */
function decodeInEveryWay(frame: CapturedFrame, decoder: FrameDecoder): void {
  JSON.stringify(decodeFrame(frame));
  JSON.stringify(decoder.decode(frame));
  dissect(frame.bytes, 0, frame.bytes.length, frame.length, frame.linkType, dissection, null);
  verifyChecksums(dissection);
}

describe('decoding never throws', () => {
  test('on noise', { timeout }, () => {
    const decoder = new FrameDecoder();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom(...Object.values(linkTypes), 147),
        fc.nat(1000),
        (content, linkType, missing) => {
          decodeInEveryWay(captured(content, { linkType, length: content.length + missing }), decoder);
        },
      ),
      { numRuns: inputs / 4 },
    );
  });

  test('on real frames with changes', { timeout }, () => {
    const decoder = new FrameDecoder();
    fc.assert(
      fc.property(
        fc.nat(frames.length - 1),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (index, changes) => {
          const frame = frames[index];
          if (frame) decodeInEveryWay({ ...frame, bytes: changed(frame.bytes, changes) }, decoder);
        },
      ),
      { numRuns: inputs / 2 },
    );
  });
});

describe('reading', () => {
  async function read(
    content: Uint8Array,
    size: number,
  ): Promise<{ frames: CapturedFrame[]; error?: unknown }> {
    const found: CapturedFrame[] = [];
    async function* pieces() {
      for (let at = 0; at < content.length; at += size) yield content.slice(at, at + size);
    }
    try {
      for await (const frame of captureFrames(pieces())) found.push(frame);
    } catch (error) {
      return { frames: found, error };
    }
    return { frames: found };
  }

  test('a changed file gives frames, and an error with an offset at most', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 100, max: 70_000 }),
        async (index, changes, size) => {
          const content = changed(files[index]?.content ?? new Uint8Array(0), changes);
          const { frames: found, error } = await read(content, size);
          if (error !== undefined) {
            expect(error).toBeInstanceOf(CaptureError);
            expect((error as CaptureError).offset).toBeGreaterThanOrEqual(0);
          }
          const decoder = new FrameDecoder();
          for (const frame of found) decodeInEveryWay(frame, decoder);
        },
      ),
      { numRuns: inputs / 8 },
    );
  });

  test('what is written is read back, whatever it is', { timeout }, async () => {
    const frame = fc.record({
      content: fc.uint8Array({ maxLength: 100 }),
      time: fc.bigInt({ min: 0n, max: (1n << 32n) * 1_000_000_000n - 1n }),
      missing: fc.nat(2000),
      comment: fc.option(fc.string(), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 10 }),
        fc.integer({ min: 1, max: 500 }),
        async (rows, size) => {
          const written = rows.map(({ content, time, missing, comment }, index) => ({
            number: index + 1,
            time,
            length: content.length + missing,
            linkType: linkTypes.ethernet,
            interfaceId: index % 2,
            ...(comment === undefined ? {} : { comment }),
            bytes: content,
          }));
          const two = [{ linkType: linkTypes.ethernet }, { linkType: linkTypes.ethernet, name: 'second' }];
          const pcapng = await read(pcapngFile(two, written), size);
          expect(pcapng.frames).toEqual(written);
          const plain = written.map(({ number, time, length, linkType, bytes: content }) => {
            return { number, time, length, linkType, bytes: content };
          });
          expect((await read(pcapFile(linkTypes.ethernet, plain), size)).frames).toEqual(plain);
        },
      ),
      { numRuns: inputs / 8 },
    );
  });
});

describe('a decoder does not grow', () => {
  test.each([
    [
      'with fragments that never meet',
      (i: number) =>
        ipv4(
          { protocol: 17, id: i & 0xffff, src: `10.0.${i >> 16}.1`, moreFragments: true },
          new Uint8Array(1000),
        ),
    ],
    [
      'with TCP segments behind a gap',
      (i: number) =>
        tcp4(
          { srcPort: i & 0xffff, dstPort: 80, seq: (i >> 16) * 2000 + 5 },
          bytes('GET / HTTP/1.1\r\n', new Uint8Array(900)),
        ),
    ],
    [
      'with TFTP requests from ever new ports',
      (i: number) =>
        ipv4(
          { protocol: 17, src: `10.${i >> 16}.0.1` },
          bytes(u16(i & 0xffff), [0, 69], u16(21), [0, 0], [0, 1], 'file\0octet\0'),
        ),
    ],
  ])('%s', { timeout }, async (_, packet) => {
    const decoder = new FrameDecoder();
    const feed = (from: number, to: number) => {
      for (let i = from; i < to; i++) decoder.decode(captured(ethernet({ type: 0x0800 }, packet(i))));
    };
    feed(0, 20_000);
    const before = await heldMemory();
    feed(20_000, 60_000);
    expect((await heldMemory()) - before).toBeLessThan(8 * 1024 * 1024);
  });
});
