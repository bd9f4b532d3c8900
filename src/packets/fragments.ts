import { hexOf, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

/** Datagrams being collected at once; more means that fragments were lost, and the oldest are given up. */
const mostDatagrams = 1024;
const longestDatagram = 65_535;

interface Datagram {
  readonly pieces: { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Bytes of the whole datagram, -1 until the last fragment was seen. */
  length: number;
}

/** Puts fragmented IPv4 and IPv6 datagrams together (RFC 815, RFC 8200 4.5). */
export class FragmentTable {
  private readonly datagrams = new Map<string, Datagram>();

  /**
   * Takes the fragment that `d` stands on.
   *
   * @param point interface at which it was captured
   * @returns the datagram's payload when this fragment completes it, else undefined
   */
  add(d: Dissection, point: number): Uint8Array | undefined {
    const key = keyOf(d, point);
    const datagram = this.datagrams.get(key) ?? this.begin(key);
    const { fragmentOffset: offset } = d;
    const bytes = d.bytes.slice(d.at, d.end);
    if (offset + bytes.length > longestDatagram || (d.moreFragments && bytes.length % 8 !== 0)) {
      d.fail('ip: the fragment does not fit into a datagram');
      return undefined;
    }
    if (!d.moreFragments) datagram.length = offset + bytes.length;
    datagram.pieces.push({ offset, bytes });
    const whole = assembled(datagram);
    if (whole) this.datagrams.delete(key);
    return whole;
  }

  private begin(key: string): Datagram {
    for (const oldest of this.datagrams.keys()) {
      if (this.datagrams.size < mostDatagrams) break;
      this.datagrams.delete(oldest);
    }
    const datagram: Datagram = { pieces: [], length: -1 };
    this.datagrams.set(key, datagram);
    return datagram;
  }
}

/** Addresses, protocol and identification (RFC 791); the outer VLAN tag keeps the two ends of a translation apart. */
function keyOf(d: Dissection, point: number): string {
  const { bytes, ipAt: at } = d;
  const vlan = d.vlanCount > 0 ? uint16(bytes, d.vlanAt) & 0xfff : -1;
  return d.ipVersion === 4
    ? `${point} ${vlan} ${d.protocol} ${hexOf(bytes, at + 4, at + 6)} ${hexOf(bytes, at + 12, at + 20)}`
    : `${point} ${vlan} ${d.fragmentId} ${hexOf(bytes, at + 8, at + 40)}`;
}

function assembled({ pieces, length }: Datagram): Uint8Array | undefined {
  if (length < 0) return undefined;
  const ordered = [...pieces].sort((a, b) => a.offset - b.offset);
  let reached = 0;
  for (const { offset, bytes } of ordered) {
    if (offset > reached) return undefined;
    reached = Math.max(reached, offset + bytes.length);
  }
  if (reached < length) return undefined;
  const whole = new Uint8Array(length);
  // Where fragments overlap, the one that came first counts: it is written last.
  for (const { offset, bytes } of pieces.toReversed()) {
    if (offset < length) whole.set(bytes.subarray(0, length - offset), offset);
  }
  return whole;
}
