/** The sensor data repository: the sensors, the BMC itself, and its FRU (IPMI 2.0 sections 33 and 43). Pure. */
import { sensorRecord, sensors } from './sensors.ts';

const sdrVersion = 0x51;

function record(id: number, type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(id, 0);
  header.set([sdrVersion, type, body.length], 2);
  return Buffer.concat([header, body]);
}

function named(fields: readonly number[], name: string): Buffer {
  const text = Buffer.from(name, 'latin1');
  return Buffer.concat([Buffer.from([...fields, 0xc0 | text.length]), text]);
}

/** Management controller device locator (table 43-9): SEL, SDR, FRU, sensors and chassis device. */
const bmcLocator = named([0x20, 0, 0, 0x8f, 0, 0, 0, 7, 1, 0], 'BMC');
/** FRU device locator (table 43-7): logical FRU 0 of the BMC. */
const fruLocator = named([0x20, 0, 0x80, 0, 0, 0x10, 0, 7, 1, 0], 'System FRU');

/** Every record, its id first; the ids count from 1. */
export const sdrRecords: readonly Buffer[] = [
  ...sensors.map(sensorRecord),
  { type: 0x12, body: bmcLocator },
  { type: 0x11, body: fruLocator },
].map(({ type, body }, index) => record(index + 1, type, body));

/** The record with this id (0: the first, 0xFFFF: the last) and the id that follows it, 0xFFFF at the end. */
export function findRecord(id: number): { record: Buffer; next: number } | undefined {
  const index = id === 0 ? 0 : id === 0xffff ? sdrRecords.length - 1 : id - 1;
  const found = sdrRecords[index];
  return found && { record: found, next: index + 1 < sdrRecords.length ? index + 2 : 0xffff };
}
