import type { Dissection } from '../packets/dissection.ts';
import { ContentKey } from './content-key.ts';
import { Groups } from './groups.ts';

const leastCapacity = 1024;

/**
 * Frames seen at points, in columns: what joining them needs to know, in 60 bytes each, so that millions fit in memory.
 */
export class Sightings {
  count = 0;
  /** Index of the point. */
  point: Uint16Array;
  /** 1-based position in the capture of that point. */
  number: Int32Array;
  /** Nanoseconds since the first sighting that was added. */
  time: Float64Array;
  /** The outermost tag's VLAN id, -1 without one. */
  vlan: Int16Array;
  hereHigh: Int32Array;
  hereLow: Int32Array;
  /** 0 for what no router passes on. */
  routedHigh: Int32Array;
  routedLow: Int32Array;
  ttl: Int16Array;
  source: Int32Array;
  destination: Int32Array;
  /** Source port in the upper half, destination port in the lower. */
  ports: Int32Array;

  /** What `time` counts from, in nanoseconds since the epoch. */
  epoch = 0n;
  private readonly key = new ContentKey();

  /** @param expected about how many there will be; room for more is made when it is needed */
  constructor(expected = 0) {
    const capacity = Math.max(leastCapacity, Math.ceil(expected));
    this.point = new Uint16Array(capacity);
    this.number = new Int32Array(capacity);
    this.time = new Float64Array(capacity);
    this.vlan = new Int16Array(capacity);
    this.hereHigh = new Int32Array(capacity);
    this.hereLow = new Int32Array(capacity);
    this.routedHigh = new Int32Array(capacity);
    this.routedLow = new Int32Array(capacity);
    this.ttl = new Int16Array(capacity);
    this.source = new Int32Array(capacity);
    this.destination = new Int32Array(capacity);
    this.ports = new Int32Array(capacity);
  }

  /**
   * Adds the frame `[start, end)` of a dissection that was made without memory of earlier frames.
   *
   * @param time nanoseconds since the epoch
   */
  add(point: number, number: number, time: bigint, d: Dissection, start: number, end: number): void {
    const { count, key } = this;
    if (count === this.point.length) this.grow();
    if (count === 0) this.epoch = time;
    key.take(d, start, end);
    this.point[count] = point;
    this.number[count] = number;
    this.time[count] = Number(time - this.epoch);
    this.vlan[count] =
      d.vlanCount > 0 ? (((d.bytes[d.vlanAt] as number) & 15) << 8) | (d.bytes[d.vlanAt + 1] as number) : -1;
    this.hereHigh[count] = key.hereHigh;
    this.hereLow[count] = key.hereLow;
    this.routedHigh[count] = key.routedHigh;
    this.routedLow[count] = key.routedLow;
    this.ttl[count] = key.ttl;
    this.source[count] = key.source;
    this.destination[count] = key.destination;
    this.ports[count] = key.ports;
    this.count++;
  }

  /** Groups of sightings that are the same in all that stays the same in one Ethernet segment. */
  groups(): Groups {
    return new Groups(this.count, this.hereHigh, this.hereLow);
  }

  /** Groups of sightings that are the same in all that a router with SNAT leaves alone. */
  routedGroups(): Groups {
    return new Groups(this.count, this.routedHigh, this.routedLow);
  }

  /** Adds to the times of each point, in nanoseconds. */
  shift(byPoint: readonly number[]): void {
    if (byPoint.every((by) => by === 0)) return;
    const { point, time } = this;
    for (let i = 0; i < this.count; i++)
      time[i] = (time[i] as number) + (byPoint[point[i] as number] as number);
  }

  private grow(): void {
    this.point = doubled(this.point, Uint16Array);
    this.number = doubled(this.number, Int32Array);
    this.time = doubled(this.time, Float64Array);
    this.vlan = doubled(this.vlan, Int16Array);
    this.hereHigh = doubled(this.hereHigh, Int32Array);
    this.hereLow = doubled(this.hereLow, Int32Array);
    this.routedHigh = doubled(this.routedHigh, Int32Array);
    this.routedLow = doubled(this.routedLow, Int32Array);
    this.ttl = doubled(this.ttl, Int16Array);
    this.source = doubled(this.source, Int32Array);
    this.destination = doubled(this.destination, Int32Array);
    this.ports = doubled(this.ports, Int32Array);
  }
}

type Column = Uint16Array | Int16Array | Int32Array | Float64Array;

function doubled<C extends Column>(column: C, type: { new (length: number): C }): C {
  const larger = new type(column.length * 2);
  larger.set(column);
  return larger;
}
