import { describe, expect, test } from 'vitest';
import { type CapturedFrame, CaptureError, linkTypes } from '../../src/packets/frame.ts';
import { CaptureParser } from '../../src/packets/read.ts';
import { arp, captured, ethernet } from './build.ts';
import { everyContainer, pcap, pcapngSection } from './containers.ts';

const frames = Array.from({ length: 9 }, (_, i) =>
  captured(ethernet({ type: 0x0806 }, arp({ senderIp: `10.0.0.${i}` })), { number: i + 1 }),
);

function read(content: Uint8Array): { parser: CaptureParser; frames: CapturedFrame[]; error?: CaptureError } {
  const parser = new CaptureParser({ stable: true });
  const found: CapturedFrame[] = [];
  parser.append(content);
  try {
    while (parser.next()) found.push(parser.record.toFrame());
    parser.finish();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { parser, frames: found, error };
  }
  return { parser, frames: found };
}

const bytesOf = (list: readonly CapturedFrame[]) =>
  list.map(({ bytes }) => Buffer.from(bytes).toString('hex'));

test.each(Object.entries(everyContainer(frames)).filter(([name]) => !name.includes('gzip')))(
  '%s',
  (_, content) => {
    const { frames: found, error } = read(content);
    expect(error).toBeUndefined();
    expect(bytesOf(found)).toEqual(bytesOf(frames));
    expect(found.map(({ number }) => number)).toEqual(frames.map(({ number }) => number));
  },
);

describe('interfaces', () => {
  test('are counted on over sections, each with its own clock', () => {
    const section = (order: 'little' | 'big', resolution: number) =>
      pcapngSection(frames.slice(0, 2), { order, resolutions: [resolution, 6] });
    const { parser, frames: found } = read(Buffer.concat([section('little', 9), section('big', 0x80 | 30)]));
    expect(found.map(({ interfaceId }) => interfaceId)).toEqual([0, 1, 2, 3]);
    expect(parser.interfaces.map(({ name }) => name)).toEqual(['eth0', 'eth1', 'eth0', 'eth1']);
    // 2^-30 seconds is a little less than a nanosecond.
    for (const [i, frame] of found.entries()) {
      expect(Number(frame.time - (frames[i % 2]?.time ?? 0n))).toBeCloseTo(0, -1);
    }
  });

  test('may have an offset in seconds', () => {
    const { frames: found } = read(pcapngSection(frames, { resolutions: [9], offset: -5n }));
    expect(found.map(({ time }) => time)).toEqual(frames.map(({ time }) => time));
  });

  test('that are not described are damage', () => {
    const content = pcapngSection(frames);
    const blocks = Buffer.from(content);
    const first = blocks.indexOf(Buffer.from([6, 0, 0, 0]), 48);
    blocks.writeUInt32LE(7, first + 8);
    expect(read(blocks)).toMatchObject({ frames: [], error: { offset: first } });
    expect(read(blocks).error?.message).toContain('names interface 7, the section describes 1');
  });
});

describe('blocks', () => {
  const custom = (type: number) => {
    const block = Buffer.alloc(20);
    block.writeUInt32LE(type, 0);
    block.writeUInt32LE(20, 4);
    block.writeUInt32LE(20, 16);
    return block;
  };

  test.each([
    ['custom', 0x0bad],
    ['custom, not to be copied', 0x40000bad],
    ['name resolution', 4],
    ['interface statistics', 5],
    ['decryption secrets', 10],
    ['unknown', 0x7777],
  ])('%s are skipped', (_, type) => {
    expect(read(Buffer.concat([pcapngSection(frames), custom(type)])).error).toBeUndefined();
  });

  test('whose two lengths differ are damage, told with the offset', () => {
    const content = Buffer.concat([pcapngSection(frames), custom(0x7777)]);
    content.writeUInt32LE(24, content.length - 4);
    const { frames: found, error } = read(content);
    expect(found).toHaveLength(frames.length);
    expect(error?.offset).toBe(content.length - 20);
  });

  test('too short for their type are damage', () => {
    const content = Buffer.concat([pcapngSection(frames), custom(6)]);
    expect(read(content).error?.message).toContain('a block of 20 bytes, its type needs 32');
  });
});

describe('pcap', () => {
  test('with a link type of its own and flags above it', () => {
    const { parser } = read(pcap(frames, { linkType: (0xf400_0000 | linkTypes.linuxSll) >>> 0 }));
    expect(parser.interfaces[0]?.linkType).toBe(linkTypes.linuxSll);
  });

  test('without frames is no damage', () => {
    expect(read(pcap([]))).toMatchObject({ frames: [] });
    expect(read(pcap([])).error).toBeUndefined();
  });
});
