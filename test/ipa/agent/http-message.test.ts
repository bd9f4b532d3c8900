import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dechunker, parseHead } from '../../../src/ipa/agent/http-message.ts';

test('a chunked body is the same however it arrives', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
  fc.assert(
    fc.property(chunks, fc.array(fc.nat(400), { maxLength: 6 }), (parts, cuts) => {
      const coded = Buffer.concat([
        ...parts.flatMap((part) => [
          Buffer.from(`${part.length.toString(16)};x=y\r\n`),
          part,
          Buffer.from('\r\n'),
        ]),
        Buffer.from('0\r\n\r\n'),
      ]);
      const places = [0, ...cuts.map((cut) => cut % coded.length).sort((a, b) => a - b), coded.length];
      const dechunker = new Dechunker();
      const got = places
        .slice(1)
        .flatMap((end, index) => [...dechunker.take(coded.subarray(places[index], end))]);
      expect(Buffer.concat(got).equals(Buffer.concat(parts))).toBe(true);
      expect(dechunker.isComplete).toBe(true);
    }),
  );
});

test('a head is its status and its fields', () => {
  const { status, headers } = parseHead('HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX:  y ');
  expect([status, headers.get('content-length'), headers.get('x')]).toEqual([206, '5', 'y']);
  expect(() => parseHead('SSH-2.0-OpenSSH_9.2')).toThrow('no HTTP');
  expect(() => [...new Dechunker().take(Buffer.from('zz\r\n'))]).toThrow("a chunk's size is zz");
});
