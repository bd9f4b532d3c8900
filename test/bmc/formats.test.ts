import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBootFlags, encodeBootFlags } from '../../src/bmc/boot-options.ts';
import { cipherSuites, decodeSuiteRecords, encodeSuiteRecords } from '../../src/bmc/cipher-suites.ts';
import { eventWords } from '../../src/bmc/event-words.ts';
import { encodeFru } from '../../src/bmc/fru.ts';
import { decodeFru } from '../../src/bmc/fru-decode.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/bmc/ipmi-message.ts';
import { decodeIpmi15, encodeIpmi15, isSigned } from '../../src/bmc/ipmi15-packet.ts';
import {
  decodeOpenSessionRequest,
  decodeRakp1,
  encodeOpenSessionRequest,
  encodeRakp1,
} from '../../src/bmc/rakp-messages.ts';
import { decodeRmcpPlus, openPacket, sealPacket } from '../../src/bmc/rmcpplus-packet.ts';
import { findRecord, sdrRecords } from '../../src/bmc/sdr.ts';
import { decodeSensorRecord, readingWords } from '../../src/bmc/sensor-decode.ts';
import { encodeReading, sensors } from '../../src/bmc/sensors.ts';
import { SequenceWindow } from '../../src/bmc/sequence-window.ts';

const bytes = (most: number, least = 0) =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((array) => Buffer.from(array));
const id = fc.integer({ min: 1, max: 2 ** 32 - 1 });

describe('what is encoded is decoded again', () => {
  const request = fc.record({
    responder: fc.constant(0x20),
    netFn: fc.nat(31).map((half) => half * 2),
    responderLun: fc.nat(3),
    requester: fc.nat(255),
    requesterLun: fc.nat(3),
    sequence: fc.nat(63),
    command: fc.nat(255),
    data: bytes(200),
  });

  test('requests and responses', () => {
    fc.assert(
      fc.property(request, fc.nat(255), bytes(200), (asked, completion, data) => {
        expect(decodeRequest(encodeRequest(asked))).toEqual(asked);
        const { netFn, sequence, command } = asked;
        expect(decodeResponse(encodeResponse(asked, completion, data))).toEqual({
          ...{ netFn, sequence, command, completion, data },
        });
        expect(decodeRequest(encodeResponse(asked, completion, data))).toBeUndefined();
      }),
    );
  });

  test('packets of IPMI 1.5, and signed with another password they are not', () => {
    fc.assert(
      fc.property(id, id, bytes(200, 7), bytes(16, 1), (sessionId, sequence, message, password) => {
        const packet = decodeIpmi15(encodeIpmi15({ type: 2, sequence, sessionId, message }, password));
        expect(packet).toMatchObject({ sequence, sessionId, message });
        const other = Buffer.from(password);
        other[0] = other.readUInt8(0) ^ 1;
        expect(packet && isSigned(packet, password)).toBe(true);
        expect(packet && isSigned(packet, other)).toBe(false);
      }),
    );
  });

  test.each(cipherSuites)('packets of cipher suite $id, and no others', (suite) => {
    const keys = { suite, integrityKey: randomBytes(20), cipherKey: randomBytes(16) };
    const stranger = { suite, integrityKey: randomBytes(20), cipherKey: randomBytes(16) };
    fc.assert(
      fc.property(id, id, bytes(300), (sessionId, sequence, payload) => {
        const sealed = sealPacket(keys, { payloadType: 0, sessionId, sequence, payload }, randomBytes);
        const packet = decodeRmcpPlus(sealed);
        expect(packet).toMatchObject({ payloadType: 0, sessionId, sequence });
        expect(packet && openPacket(keys, packet)).toEqual(payload);
        if (suite.integrity.method !== 'none') expect(packet && openPacket(stranger, packet)).toBeUndefined();
        // The part that is signed ends on a multiple of four bytes.
        expect(
          (sealed.length - suite.integrity.codeLength) % 4 === 0 || suite.integrity.method === 'none',
        ).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('handshake messages', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cipherSuites),
        id,
        bytes(16),
        fc.nat(255),
        (suite, consoleSessionId, userName, tag) => {
          const open = { tag, privilege: 4, consoleSessionId };
          expect(decodeOpenSessionRequest(encodeOpenSessionRequest({ ...open, suite }))).toEqual({
            ...open,
            authentication: suite.authentication.number,
            integrity: suite.integrity.number,
            confidentiality: suite.confidentiality,
          });
          const rakp1 = {
            tag,
            bmcSessionId: consoleSessionId,
            consoleRandom: randomBytes(16),
            role: 0x14,
            userName,
          };
          expect(decodeRakp1(encodeRakp1(rakp1))).toEqual(rakp1);
        },
      ),
    );
  });

  test('cipher suite records, among an OEM’s', () => {
    const oem = Buffer.from('c1800000c002438'.padEnd(16, '1'), 'hex');
    const records = Buffer.concat([oem, encodeSuiteRecords(cipherSuites)]);
    expect(decodeSuiteRecords(records)).toEqual(cipherSuites.map((suite) => suite.id));
  });

  test('boot flags', () => {
    for (const device of ['pxe', 'disk', 'safe', 'diag', 'cdrom', 'bios', 'floppy'] as const) {
      const flags = { valid: true, persistent: true, target: { device, efi: true } };
      expect(decodeBootFlags(encodeBootFlags(flags))).toEqual(flags);
    }
    expect(decodeBootFlags(Buffer.alloc(5))).toEqual({ valid: false, persistent: false, target: undefined });
  });

  test('the FRU, whatever the fields hold', () => {
    const text = fc.stringMatching(/^[!-~]{0,70}$/);
    fc.assert(
      fc.property(text, text, text, (manufacturer, product, serial) => {
        const fields = decodeFru(encodeFru({ manufacturer, product, serial }));
        const value = (area: string, name: string) =>
          fields.find((field) => field.area === area && field.name === name)?.value ?? '';
        expect(value('board', 'manufacturer')).toBe(manufacturer.slice(0, 63));
        expect(value('product', 'product')).toBe(product.slice(0, 63));
        expect(value('chassis', 'serial number')).toBe(serial.slice(0, 63));
      }),
    );
  });
});

test('no bytes at all make a decoder throw', () => {
  fc.assert(
    fc.property(bytes(120), (input) => {
      for (const decode of [
        decodeRequest,
        decodeResponse,
        decodeIpmi15,
        decodeRmcpPlus,
        decodeRakp1,
        decodeFru,
      ]) {
        decode(input);
      }
      decodeOpenSessionRequest(input);
      decodeSuiteRecords(input);
      decodeSensorRecord(input);
    }),
    { numRuns: 2_000 },
  );
});

test('the sensor records are read as they were meant', () => {
  const decoded = sdrRecords.flatMap((record) => decodeSensorRecord(record) ?? []);
  expect(decoded.map(({ number, name }) => [number, name])).toEqual(
    sensors.map(({ number, name }) => [number, name]),
  );
  const words = (power: 'on' | 'off') =>
    sensors.map((sensor, index) => {
      const reading = encodeReading(sensor, { power, sinceMs: 3_600_000, watchdogExpired: false });
      const record = decoded[index];
      return record && readingWords(record, reading);
    });
  expect(words('on')).toEqual(['on', '27 °C', '4800 RPM', 'ok', 'ok', 'ok']);
  expect(words('off')).toEqual(['off', '21 °C', 'no reading', 'ok', 'ok', 'ok']);
  expect(findRecord(0xffff)?.next).toBe(0xffff);
  expect(findRecord(99)).toBeUndefined();
});

test('events are told in words, an OEM’s in bytes', () => {
  const entry = (hex: string) => eventWords(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  expect(entry('0100 02 00000000 2000 04 22 01 6f 05ffff')).toEqual({
    sensor: 'Power State #1',
    event: 'off',
  });
  expect(entry('0100 02 00000000 2000 04 01 30 81 59ffff')).toEqual({
    sensor: 'Temperature #48',
    event: 'above upper critical (ended)',
  });
  expect(entry('0100 c0 00000000 112233445566778899')).toEqual({
    sensor: 'OEM',
    event: '00000000112233445566778899',
  });
});

describe('the window of sequence numbers', () => {
  test('takes each number once, in any order within its reach', () => {
    const window = new SequenceWindow(1, 16);
    expect([1, 3, 2, 3, 2, 1, 19, 4, 0].map((number) => window.accept(number))).toEqual([
      ...[true, true, true, false, false, false, true, true, false],
    ]);
  });

  test('does not reach far ahead for unsigned packets, nor behind the first', () => {
    const window = new SequenceWindow(100, 16);
    expect(window.accept(99)).toBe(false);
    expect(window.accept(117)).toBe(false);
    expect(window.accept(115)).toBe(true);
    expect(window.accept(116)).toBe(true);
  });

  test('goes over the end of the numbers', () => {
    const window = new SequenceWindow(2 ** 32 - 1, 16);
    expect([2 ** 32 - 1, 2, 1, 2 ** 32 - 1].map((number) => window.accept(number))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
