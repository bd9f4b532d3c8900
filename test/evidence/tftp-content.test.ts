import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tftpContent } from '../../src/evidence/tftp-content.ts';
import { bytes, ethernet, u16, udp4 } from '../packets/build.ts';
import { seenAt } from './seen.ts';

const client = { ip: '10.0.0.10', port: 2070 };
const server = { ip: '192.0.2.10', port: 40_000 };

function fromClient(dstPort: number, payload: Uint8Array): Uint8Array {
  const ends = { src: client.ip, dst: server.ip, srcPort: client.port, dstPort };
  return ethernet({ type: 0x0800 }, udp4(ends, payload));
}
function fromServer(payload: Uint8Array): Uint8Array {
  const ends = { src: server.ip, dst: client.ip, srcPort: server.port, dstPort: client.port };
  return ethernet({ type: 0x0800, vlans: [{ id: 1001 }] }, udp4(ends, payload));
}

const request = fromClient(69, bytes(u16(1), 'file\0octet\0'));
const agreedOn = (blksize: number) => fromServer(bytes(u16(6), `blksize\0${blksize}\0`));
const data = (block: number, content: Uint8Array) => fromServer(bytes(u16(3), u16(block), content));
const ack = (block: number) => fromClient(server.port, bytes(u16(4), u16(block)));

/** A whole transfer. */
function transfer(content: Uint8Array, blksize: number): Uint8Array[] {
  const frames = [request, agreedOn(blksize), ack(0)];
  for (let block = 1, at = 0; at <= content.length; block++, at += blksize) {
    frames.push(data(block % 65_536, content.subarray(at, at + blksize)), ack(block % 65_536));
  }
  return frames;
}

const contentOf = (frames: readonly Uint8Array[]) => tftpContent(seenAt('devstack/tap', frames), 'file');

describe('a file that passes by TFTP', () => {
  it('is put together from its blocks, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 8, max: 40 }), (content, blksize) => {
        const { bytes: found, ended, acknowledged, blocks } = contentOf(transfer(content, blksize));
        expect(Buffer.from(found)).toEqual(Buffer.from(content));
        expect(ended).toBe(true);
        expect(acknowledged).toBeDefined();
        expect(blocks).toHaveLength(Math.floor(content.length / blksize) + 1);
      }),
    );
  });

  it('counts a block that was sent again once', () => {
    const [rrq, oack, ack0, data1, ack1, data2, ack2] = transfer(bytes('0123456789'), 8) as Uint8Array[];
    const frames = [rrq, oack, ack0, data1, data1, ack1, ack1, data2, data1, data2, ack2] as Uint8Array[];
    expect(Buffer.from(contentOf(frames).bytes).toString()).toBe('0123456789');
  });

  it('ends before a block that is missing', () => {
    const frames = transfer(bytes('0123456789abcdefghij'), 8).filter((_, index) => index !== 5);
    expect(Buffer.from(contentOf(frames).bytes).toString()).toBe('01234567');
    expect(contentOf(frames).ended).toBe(false);
  });

  it('has not ended after a full block', () => {
    expect(contentOf(transfer(bytes('0123456789abcdef'), 8).slice(0, -2)).ended).toBe(false);
  });

  it('is not acknowledged until its last block is', () => {
    expect(contentOf(transfer(bytes('0123456789'), 8).slice(0, -1)).acknowledged).toBeUndefined();
  });

  it('has blocks of 512 bytes when nothing else was agreed on', () => {
    const frames = [request, data(1, new Uint8Array(512)), ack(1), data(2, new Uint8Array(0)), ack(2)];
    expect(contentOf(frames)).toMatchObject({ ended: true, blocks: { length: 2 } });
  });

  it('is not another file', () => {
    expect(tftpContent(seenAt('devstack/tap', transfer(bytes('x'), 8)), 'other').blocks).toEqual([]);
  });
});
