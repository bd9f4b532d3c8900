/** Sensor data records and readings as a client reads them (IPMI 2.0 sections 36.3 and 43). Pure. */
import { stateWords } from './event-words.ts';

export interface DecodedSensor {
  readonly number: number;
  readonly name: string;
  readonly type: number;
  /** How a raw reading becomes a number with a unit; undefined for a discrete sensor. */
  readonly scale: Scale | undefined;
}

interface Scale {
  readonly m: number;
  readonly b: number;
  readonly bExponent: number;
  readonly resultExponent: number;
  readonly isSigned: boolean;
  readonly unit: string;
}

const full = 0x01;
const compact = 0x02;
const units: Readonly<Record<number, string>> = { 1: '°C', 2: '°F', 4: 'V', 5: 'A', 6: 'W', 18: 'RPM' };

function signed(value: number, bits: number): number {
  return value & (1 << (bits - 1)) ? value - (1 << bits) : value;
}

/** The sensor in a record; undefined for a record of another kind, or one cut short. */
export function decodeSensorRecord(record: Buffer): DecodedSensor | undefined {
  if (record.length < 8) return undefined;
  const type = record.readUInt8(3);
  const nameAt = type === full ? 47 : type === compact ? 31 : undefined;
  if (nameAt === undefined || record.length <= nameAt) return undefined;
  const length = record.readUInt8(nameAt) & 0x1f;
  return {
    number: record.readUInt8(7),
    name: record.toString('latin1', nameAt + 1, nameAt + 1 + length).replace(/\0+$/, ''),
    type: record.readUInt8(12),
    scale: type === full && record.readUInt8(13) === 0x01 ? scaleOf(record) : undefined,
  };
}

function scaleOf(record: Buffer): Scale {
  const exponents = record.readUInt8(29);
  return {
    m: signed(record.readUInt8(24) | ((record.readUInt8(25) & 0xc0) << 2), 10),
    b: signed(record.readUInt8(26) | ((record.readUInt8(27) & 0xc0) << 2), 10),
    bExponent: signed(exponents & 0x0f, 4),
    resultExponent: signed(exponents >> 4, 4),
    isSigned: record.readUInt8(20) >> 6 === 2,
    unit: units[record.readUInt8(21)] ?? '',
  };
}

/** The answer to Get Sensor Reading in words. */
export function readingWords(sensor: DecodedSensor, data: Buffer): string {
  const unavailable = 0x20;
  if (data.length < 2 || data.readUInt8(1) & unavailable) return 'no reading';
  const raw = data.readUInt8(0);
  if (sensor.scale) {
    const { m, b, bExponent, resultExponent, isSigned, unit } = sensor.scale;
    const value = (m * (isSigned ? signed(raw, 8) : raw) + b * 10 ** bExponent) * 10 ** resultExponent;
    return `${Number(value.toFixed(3))} ${unit}`.trim();
  }
  const states = (data[2] ?? 0) | (((data[3] ?? 0) & 0x7f) << 8);
  const held = Array.from({ length: 15 }, (_, offset) => offset).filter((offset) => states & (1 << offset));
  return held.length === 0 ? 'ok' : held.map((offset) => stateWords(sensor.type, offset)).join(', ');
}
