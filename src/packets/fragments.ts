import { hexOf, uint16 } from './addresses.ts';
import type { Dissection } from './dissection.ts';

const longestDatagram = 65_535;

/** A datagram in more pieces than this, some of them twice, will never be whole. */
const mostPieces = 2048;

/** What may be kept at once; more means that fragments were lost, and the oldest datagrams are given up. */
const mostDatagrams = 1024;
const mostBytes = 8 * 1024 * 1024;

interface Datagram {
  readonly pieces: { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Bytes of all pieces. */
  held: number;
  /** Bytes of the whole datagram, -1 until the last fragment was seen. */
  length: number;
}

/** Puts fragmented IPv4 and IPv6 datagrams together (RFC 815, RFC 8200 4.5). */
export class FragmentTable {
  private readonly datagrams = new Map<string, Datagram>();
  private held = 0;

  /**
   * Takes the fragment that `d` stands on.
   *
   * @param point interface at which it was captured
   * @returns the datagram's payload when this fragment completes it, else undefined
   */
  add(d: Dissection, point: number): Uint8Array | undefined {
    const { fragmentOffset: offset, moreFragments } = d;
    const length = d.end - d.at;
    if (offset + length > longestDatagram || (moreFragments && length % 8 !== 0)) {
      d.fail('ip: the fragment does not fit into a datagram');
      return undefined;
    }
    const key = keyOf(d, point);
    const datagram = this.datagrams.get(key) ?? this.begin(key);
    if (!moreFragments) datagram.length = offset + length;
    datagram.pieces.push({ offset, bytes: d.bytes.slice(d.at, d.end) });
    datagram.held += length;
    this.held += length;
    const whole = assembled(datagram);
    if (whole || datagram.pieces.length >= mostPieces) this.end(key, datagram);
    return whole;
  }

  private begin(key: string): Datagram {
    for (const [oldest, datagram] of this.datagrams) {
      if (this.datagrams.size < mostDatagrams && this.held < mostBytes) break;
      this.end(oldest, datagram);
    }
    const datagram: Datagram = { pieces: [], held: 0, length: -1 };
    this.datagrams.set(key, datagram);
    return datagram;
  }

  private end(key: string, datagram: Datagram): void {
    this.datagrams.delete(key);
    this.held -= datagram.held;
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

function assembled({ pieces, held, length }: Datagram): Uint8Array | undefined {
  if (length < 0 || held < length) return undefined;
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
