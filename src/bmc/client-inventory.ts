/** What a client reads from a BMC beside the power: who it is, its sensors, its log, its FRU. Plain data. */
import { LabError } from '../errors.ts';
import type { IpmiClient } from './client.ts';
import { completion } from './completion.ts';
import { eventWords } from './event-words.ts';
import { decodeFru, type FruField } from './fru-decode.ts';
import { netFn } from './ipmi-message.ts';
import { decodeSensorRecord, readingWords } from './sensor-decode.ts';

export interface DeviceInfo {
  readonly deviceId: number;
  readonly firmware: string;
  readonly ipmiVersion: string;
  readonly manufacturer: number;
  readonly product: number;
  readonly guid: string;
  readonly suite: number;
}

export interface SensorReading {
  readonly number: number;
  readonly name: string;
  /** A number with its unit, the states that hold, or "no reading". */
  readonly reading: string;
}

export interface LogEntry {
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly sensor: string;
  readonly event: string;
}

const lastRecord = 0xffff;
const wholeRecord = 0xff;
/** BMCs differ in how much they answer at once; this much all can. */
const chunk = 16;
const reservationTries = 5;

export async function readDevice(client: IpmiClient): Promise<DeviceInfo> {
  const device = await client.request(netFn.app, 0x01);
  const guid = await client.exchange(netFn.app, 0x37);
  const digits = Buffer.from(guid.data).reverse().toString('hex');
  const version = device.readUInt8(4);
  return {
    deviceId: device.readUInt8(0),
    firmware: `${device.readUInt8(2) & 0x7f}.${device.readUInt8(3).toString(16).padStart(2, '0')}`,
    ipmiVersion: `${version & 0x0f}.${version >> 4}`,
    manufacturer: device.readUIntLE(6, 3) & 0x0fffff,
    product: device.readUInt16LE(9),
    guid:
      guid.completion === completion.ok && digits.length === 32
        ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
        : 'unknown',
    suite: client.suite,
  };
}

export async function readSensors(client: IpmiClient): Promise<SensorReading[]> {
  const readings: SensorReading[] = [];
  const repository = await client.request(netFn.storage, 0x20);
  if (repository.readUInt16LE(1) === 0) return readings;
  for (let id = 0; id !== lastRecord; ) {
    const { record, next } = await readSdr(client, id);
    const sensor = decodeSensorRecord(record);
    if (sensor) {
      const { completion: code, data } = await client.exchange(netFn.sensorEvent, 0x2d, [sensor.number]);
      const reading = code === completion.ok ? readingWords(sensor, data) : 'no reading';
      readings.push({ number: sensor.number, name: sensor.name, reading });
    }
    id = next;
  }
  return readings;
}

/** A record; read anew when others take the reservation away meanwhile. */
async function readSdr(client: IpmiClient, id: number): Promise<SdrRecord> {
  for (let tries = 0; tries < reservationTries; tries += 1) {
    const read = await readReservedSdr(client, id);
    if (read) return read;
  }
  throw new LabError('lab-failed', 'other clients kept taking the reservation of the BMC’s sensor records');
}

interface SdrRecord {
  readonly record: Buffer;
  readonly next: number;
}

/**
 * A record read in pieces under a reservation, for BMCs that answer only little at once; undefined when the
 * reservation was cancelled.
 */
async function readReservedSdr(client: IpmiClient, id: number): Promise<SdrRecord | undefined> {
  const reservation = await client.request(netFn.storage, 0x22);
  const idBytes = [id & 0xff, id >> 8];
  const head = await client.request(netFn.storage, 0x23, [...reservation, ...idBytes, 0, 5]);
  const next = head.readUInt16LE(0);
  const length = 5 + head.readUInt8(6);
  const parts = [head.subarray(2)];
  for (let offset = 5; offset < length; ) {
    const count = Math.min(chunk, length - offset);
    const words = [...reservation, ...idBytes, offset, count];
    const part = await client.exchange(netFn.storage, 0x23, words);
    if (part.completion === completion.reservationCanceled) return undefined;
    if (part.completion !== completion.ok || part.data.length <= 2) break;
    parts.push(part.data.subarray(2));
    offset += part.data.length - 2;
  }
  return { record: Buffer.concat(parts), next };
}

export async function readLog(client: IpmiClient): Promise<LogEntry[]> {
  const info = await client.request(netFn.storage, 0x40);
  const entries: LogEntry[] = [];
  if (info.readUInt16LE(1) === 0) return entries;
  for (let id = 0; id !== lastRecord; ) {
    const answer = await client.request(netFn.storage, 0x43, [0, 0, id & 0xff, id >> 8, 0, wholeRecord]);
    const entry = answer.subarray(2);
    entries.push({
      id: entry.readUInt16LE(0),
      time: new Date(entry.readUInt32LE(3) * 1_000).toISOString(),
      ...eventWords(entry),
    });
    id = answer.readUInt16LE(0);
  }
  return entries;
}

export async function clearLog(client: IpmiClient): Promise<void> {
  const reservation = await client.request(netFn.storage, 0x42);
  const erase = 0xaa;
  await client.request(netFn.storage, 0x47, [...reservation, ...Buffer.from('CLR'), erase]);
}

export async function readFru(client: IpmiClient): Promise<FruField[]> {
  const info = await client.request(netFn.storage, 0x10, [0]);
  const size = info.readUInt16LE(0);
  const parts: Buffer[] = [];
  for (let offset = 0; offset < size; ) {
    const count = Math.min(chunk, size - offset);
    const part = await client.request(netFn.storage, 0x11, [0, offset & 0xff, offset >> 8, count]);
    if (part.readUInt8(0) === 0) break;
    parts.push(part.subarray(1));
    offset += part.readUInt8(0);
  }
  return decodeFru(Buffer.concat(parts));
}
