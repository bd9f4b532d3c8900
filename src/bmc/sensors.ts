/**
 * The sensors of the virtual machine: what they read (IPMI 2.0 section 35.14) and the records that describe them
 * (section 43). Pure: a reading follows from the power and the time since it changed.
 */
import type { PowerState } from './chassis.ts';

export interface SensorContext {
  readonly power: PowerState;
  /** Milliseconds since the power was seen to change. */
  readonly sinceMs: number;
  readonly watchdogExpired: boolean;
}

/** Thresholds as raw readings; those that a sensor lacks cannot be read. */
export interface Thresholds {
  readonly upperCritical?: number;
  readonly upperNonCritical?: number;
  readonly lowerCritical?: number;
}

interface SensorBase {
  readonly number: number;
  readonly name: string;
  /** Table 42-3. */
  readonly type: number;
  readonly entity: readonly [id: number, instance: number];
}

export interface AnalogSensor extends SensorBase {
  readonly kind: 'analog';
  /** Table 43-15: 1 degrees C, 18 RPM. */
  readonly unit: number;
  /** What one step of the raw reading is worth. */
  readonly step: number;
  readonly nominal: number;
  readonly thresholds: Thresholds;
  /** The raw reading; undefined while there is none. */
  read(context: SensorContext): number | undefined;
}

export interface DiscreteSensor extends SensorBase {
  readonly kind: 'discrete';
  /** The states that can be, bit n for offset n. */
  readonly possible: number;
  /** The states that hold. */
  read(context: SensorContext): number;
}

export type Sensor = AnalogSensor | DiscreteSensor;

const systemBoard = 7;
const fanDevice = 29;
const coldInletC = 21;
const warmInletC = 27;
const warmingMs = 60_000;
const fanStepRpm = 60;

export const sensors: readonly Sensor[] = [
  {
    kind: 'discrete',
    number: 1,
    name: 'Power State',
    type: 0x22,
    entity: [systemBoard, 1],
    possible: 0x0021,
    read: ({ power }) => (power === 'on' ? 0x0001 : 0x0020),
  },
  {
    kind: 'analog',
    number: 2,
    name: 'Inlet Temp',
    type: 0x01,
    entity: [systemBoard, 1],
    unit: 1,
    step: 1,
    nominal: warmInletC,
    thresholds: { upperCritical: 47, upperNonCritical: 42, lowerCritical: 3 },
    read: ({ power, sinceMs }) => {
      const [from, to] = power === 'on' ? [coldInletC, warmInletC] : [warmInletC, coldInletC];
      return Math.round(to + (from - to) * Math.exp(-sinceMs / warmingMs));
    },
  },
  {
    kind: 'analog',
    number: 3,
    name: 'Fan 1',
    type: 0x04,
    entity: [fanDevice, 1],
    unit: 18,
    step: fanStepRpm,
    nominal: 80,
    thresholds: { lowerCritical: 10 },
    read: ({ power }) => (power === 'on' ? 80 : undefined),
  },
  {
    kind: 'discrete',
    number: 4,
    name: 'Watchdog',
    type: 0x23,
    entity: [systemBoard, 1],
    possible: 0x000f,
    read: ({ watchdogExpired }) => (watchdogExpired ? 0x0001 : 0),
  },
  {
    kind: 'discrete',
    number: 5,
    name: 'Log-in',
    type: 0x06,
    entity: [systemBoard, 1],
    possible: 0x0020,
    read: () => 0,
  },
  {
    kind: 'discrete',
    number: 6,
    name: 'System Boot',
    type: 0x1d,
    entity: [systemBoard, 1],
    possible: 0x0003,
    read: () => 0,
  },
];

export function findSensor(number: number): Sensor | undefined {
  return sensors.find((sensor) => sensor.number === number);
}

const discreteReading = 0x6f;
const thresholdReading = 0x01;
const scanningEnabled = 0xc0;
const unavailable = 0x20;

/** The answer to Get Sensor Reading. */
export function encodeReading(sensor: Sensor, context: SensorContext): Buffer {
  if (sensor.kind === 'discrete') {
    const states = sensor.read(context);
    return Buffer.from([0, scanningEnabled, states & 0xff, 0x80 | (states >> 8)]);
  }
  const reading = sensor.read(context);
  if (reading === undefined) return Buffer.from([0, scanningEnabled | unavailable, 0xc0]);
  return Buffer.from([reading, scanningEnabled, 0xc0 | crossed(sensor.thresholds, reading)]);
}

function crossed({ upperCritical, upperNonCritical, lowerCritical }: Thresholds, reading: number): number {
  return (
    (lowerCritical !== undefined && reading <= lowerCritical ? 0x02 : 0) |
    (upperNonCritical !== undefined && reading >= upperNonCritical ? 0x08 : 0) |
    (upperCritical !== undefined && reading >= upperCritical ? 0x10 : 0)
  );
}

/** The answer to Get Sensor Thresholds: a mask of those that can be read, and six raw values. */
export function encodeThresholds(thresholds: Thresholds): Buffer {
  const { upperCritical = 0, upperNonCritical = 0, lowerCritical = 0 } = thresholds;
  return Buffer.from([thresholdMask(thresholds), 0, lowerCritical, 0, upperNonCritical, upperCritical, 0]);
}

function thresholdMask({ upperCritical, upperNonCritical, lowerCritical }: Thresholds): number {
  return (
    (lowerCritical === undefined ? 0 : 0x02) |
    (upperNonCritical === undefined ? 0 : 0x08) |
    (upperCritical === undefined ? 0 : 0x10)
  );
}

/** Event and reading type of the sensor (table 42-1). */
export function readingType(sensor: Sensor): number {
  return sensor.kind === 'analog' ? thresholdReading : discreteReading;
}

/** The body of the sensor's SDR after the record header: type 1 (full) or 2 (compact). */
export function sensorRecord(sensor: Sensor): { type: number; body: Buffer } {
  const name = Buffer.from(sensor.name, 'latin1');
  const key = [0x20, 0, sensor.number, ...sensor.entity];
  const nameField = Buffer.concat([Buffer.from([0xc0 | name.length]), name]);
  if (sensor.kind === 'discrete') {
    const possible = [sensor.possible & 0xff, sensor.possible >> 8];
    const fields = [0x67, 0x40, sensor.type, discreteReading, ...possible, 0, 0, ...possible];
    const rest = [0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    return { type: 2, body: Buffer.concat([Buffer.from([...key, ...fields, ...rest]), nameField]) };
  }
  const { thresholds } = sensor;
  const fields = [
    ...[0x7f, 0x44, sensor.type, thresholdReading],
    ...[0, 0, 0, 0, thresholdMask(thresholds), 0],
    ...[0, sensor.unit, 0, 0],
    ...[sensor.step, 0, 0, 0, 0, 0],
    ...[0x01, sensor.nominal, 0, 0, 0xff, 0],
    ...[0, thresholds.upperCritical ?? 0, thresholds.upperNonCritical ?? 0],
    ...[0, thresholds.lowerCritical ?? 0, 0],
    ...[1, 1, 0, 0, 0],
  ];
  return { type: 1, body: Buffer.concat([Buffer.from([...key, ...fields]), nameField]) };
}
