import { uint16 } from '../addresses.ts';
import type { Dissection } from '../dissection.ts';
import type { RecordCursor } from '../record.ts';
import { readGre, readVxlan } from '../tunnels.ts';
import { Budget, Capped } from './capped.ts';
import { Lan, type LanName, type LanSummary } from './lan.ts';
import { RecentFrames } from './recent-frames.ts';

/** What a capture file shows. */
export interface CaptureSummary {
  readonly frames: number;
  /** On the wire. */
  readonly bytes: number;
  /** Nanoseconds since the epoch; the earliest and the latest frame. */
  readonly first: bigint;
  readonly last: bigint;
  /** By capture point and VLAN, tunnels behind what carries them. */
  readonly lans: readonly LanSummary[];
}

const mostLans = 4096;
/** Hosts, transfers and DHCP messages in all LANs together; each takes less than a kilobyte. */
const mostEntries = 60_000;

/** Watches the frames of a capture, as {@link scanCapture} shows them, and sums up what went on. */
export class SummaryBuilder {
  private frames = 0;
  private bytes = 0;
  private first = 0n;
  private last = 0n;
  private readonly budget = new Budget(mostEntries);
  private readonly recent = new RecentFrames();
  private readonly lans = new Capped<string, Lan>(new Budget(mostLans));
  /** The LANs outside of tunnels again, found by numbers. */
  private readonly outer = new Map<number, Lan>();

  add(record: RecordCursor, layers: Dissection): void {
    const time = record.time();
    this.frames++;
    this.bytes += record.length;
    if (this.frames === 1 || time < this.first) this.first = time;
    if (time > this.last) this.last = time;
    const { number, length } = record;
    const again = this.recent.add(layers, record.interfaceId, number, time);
    this.outerLan(record, layers)?.add({ number, time, length, layers, again });
    if (layers.inner) this.addInner(record, time, layers, '');
  }

  private outerLan(record: RecordCursor, layers: Dissection): Lan | undefined {
    const key = record.interfaceId * 2 ** 25 + vlanKey(layers);
    const known = this.outer.get(key);
    if (known) return known;
    const { name } = record.interface;
    const lan = this.lan({ ...(name === undefined ? {} : { point: name }), vlans: vlanIds(layers) }, record);
    if (lan) this.outer.set(key, lan);
    return lan;
  }

  /** The frame in a tunnel belongs to a LAN of its own; packets quoted in ICMP errors were not sent. */
  private addInner(record: RecordCursor, time: bigint, carrier: Dissection, path: string): void {
    const { inner } = carrier;
    if (!inner || inner.quoted) return;
    const tunnel = path === '' ? tunnelName(carrier) : `${tunnelName(carrier)} in ${path}`;
    const { name } = record.interface;
    const lan = this.lan(
      { ...(name === undefined ? {} : { point: name }), tunnel, vlans: vlanIds(inner) },
      record,
    );
    const length = inner.frameEnd - inner.start;
    lan?.add({ number: record.number, time, length, layers: inner, again: undefined });
    this.addInner(record, time, inner, tunnel);
  }

  private lan(name: LanName, record: RecordCursor): Lan | undefined {
    const key = `${record.interfaceId} ${name.tunnel ?? ''} ${name.vlans.join('.')}`;
    return this.lans.take(key, () => new Lan(name, this.budget));
  }

  result(): CaptureSummary {
    const { frames, bytes, first, last } = this;
    return { frames, bytes, first, last, lans: this.lans.values().map((lan) => lan.result()) };
  }
}

/** A number for the VLAN stack, by its two outermost tags. */
function vlanKey({ vlanCount, vlanAt, bytes }: Dissection): number {
  if (vlanCount === 0) return 0;
  const outer = uint16(bytes, vlanAt) & 0xfff;
  return vlanCount === 1 ? 1 + outer : 4097 + outer * 4096 + (uint16(bytes, vlanAt + 4) & 0xfff);
}

function vlanIds({ vlanCount, vlanAt, bytes }: Dissection): number[] {
  return Array.from({ length: Math.min(vlanCount, 2) }, (_, i) => uint16(bytes, vlanAt + 4 * i) & 0xfff);
}

function tunnelName(carrier: Dissection): string {
  if (carrier.vxlanAt >= 0) return `vxlan ${readVxlan(carrier).vni}`;
  if (carrier.greAt < 0) return 'ip';
  const { key } = readGre(carrier);
  return key === undefined ? 'gre' : `gre ${key}`;
}
