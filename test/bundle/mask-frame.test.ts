import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskInFrame } from '../../src/bundle/mask-frame.ts';
import { verifyChecksums } from '../../src/packets/checksum.ts';
import { dissect } from '../../src/packets/dissect.ts';
import { Dissection } from '../../src/packets/dissection.ts';
import { linkTypes } from '../../src/packets/frame.ts';

const protocols = { udp: 17, tcp: 6 } as const;

/** A frame from 10.0.0.1 to 10.0.0.2 with a good checksum. */
function frameWith(transport: keyof typeof protocols, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(transport === 'udp' ? 8 : 20);
  header.writeUInt16BE(5000, 0);
  header.writeUInt16BE(5001, 2);
  if (transport === 'udp') header.writeUInt16BE(8 + payload.length, 4);
  else header.writeUInt16BE(0x5018, 12);
  const segment = Buffer.concat([header, payload]);
  const ip = Buffer.from('450000000000000040000000' + '0a0000010a000002', 'hex');
  ip.writeUInt16BE(20 + segment.length, 2);
  ip[9] = protocols[transport];
  ip.writeUInt16BE(checksumOf(ip), 10);
  const pseudo = Buffer.from([
    ...ip.subarray(12, 20),
    0,
    ip[9] ?? 0,
    segment.length >> 8,
    segment.length & 255,
  ]);
  segment.writeUInt16BE(checksumOf(Buffer.concat([pseudo, segment])) || 0xffff, transport === 'udp' ? 6 : 16);
  return Buffer.concat([Buffer.from('52540000020152540000020208' + '00', 'hex'), ip, segment]);
}

/** RFC 1071. */
function checksumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function checksums(frame: Uint8Array) {
  const dissection = new Dissection();
  dissect(frame, 0, frame.length, frame.length, linkTypes.ethernet, dissection, null);
  return verifyChecksums(dissection);
}

const secret = Buffer.from('sW0rdf1sh-2026');

describe('a secret in a frame', () => {
  it.each(['udp', 'tcp'] as const)('over %s is masked, and the checksum stays good', (transport) => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const frame = frameWith(transport, Buffer.concat([before, secret, after]));
        const masked = maskInFrame(frame, [secret]);
        expect(Buffer.from(masked).includes(secret)).toBe(false);
        expect(Buffer.from(masked).includes('*'.repeat(secret.length))).toBe(true);
        expect(masked.length).toBe(frame.length);
        expect(checksums(masked)).toEqual({ ipv4: 'good', [transport]: 'good' });
      }),
    );
  });

  it('leaves a wrong checksum wrong', () => {
    const frame = frameWith('udp', secret);
    frame[40] = (frame[40] ?? 0) ^ 1;
    expect(checksums(maskInFrame(frame, [secret]))).toMatchObject({ udp: 'bad' });
  });

  it('is found in two TCP segments, of which each holds a part', () => {
    for (let cut = 4; cut <= secret.length - 4; cut++) {
      const [head, tail] = [secret.subarray(0, cut), secret.subarray(cut)];
      const first = maskInFrame(frameWith('tcp', Buffer.concat([Buffer.from('key='), head])), [secret]);
      const second = maskInFrame(frameWith('tcp', Buffer.concat([tail, Buffer.from('&more')])), [secret]);
      expect(Buffer.from(first).subarray(54).toString()).toBe(`key=${'*'.repeat(head.length)}`);
      expect(Buffer.from(second).subarray(54).toString()).toBe(`${'*'.repeat(tail.length)}&more`);
      expect(checksums(first)).toMatchObject({ tcp: 'good' });
    }
  });

  it('that is not there changes nothing, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(maskInFrame(bytes, [secret])).toBe(bytes);
      }),
    );
  });
});
