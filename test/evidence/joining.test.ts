import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinJourneys, type SeenFrame, seenFrames } from '../../src/evidence/journey.ts';
import { PointMap } from '../../src/evidence/map.ts';
import { tunnelOf } from '../../src/evidence/outcome.ts';
import { arp, bytes, captured, dhcpFrame, ethernet, ipv4, tcp4, udp4 } from '../packets/build.ts';

const micro = 1_000n;
const milli = 1_000_000n;
const start = 1_700_000_000_000_000_000n;

/** wire - br - tap on one segment; qr and qg are a router's ports, ex lies behind it. */
const map = new PointMap();
map.chain('wire', 'br', 'tap');
map.chain('br', 'qr');
map.chain('qg', 'ex');
map.router('qr', 'qg');

/** A frame at a point, some nanoseconds after the start. */
function seen(point: string, after: bigint, content: Uint8Array): SeenFrame {
  const frame = captured(content, { time: start + after, number: 1 });
  const [only] = seenFrames(point, `${point}.pcap`, [frame]);
  if (!only) throw new Error('no frame');
  return only;
}

/** Each journey as the points it passes, with the microseconds of its first sighting. */
function journeysOf(frames: readonly SeenFrame[], ways = map): string[] {
  return joinJourneys(frames, ways).map(
    ({ hops }) => `${hops.map(({ point }) => point).join(' ')} @${((hops[0]?.time ?? 0n) - start) / micro}`,
  );
}

describe('one Ethernet segment', () => {
  it('joins a frame over a change of its tag', () => {
    const discover = (...vlans: number[]) =>
      dhcpFrame(
        { type: 1 },
        vlans.map((id) => ({ id })),
      );
    const frames = [
      seen('tap', 9n * micro, discover()),
      seen('wire', 0n, discover(1001)),
      seen('br', 10n * micro, discover(2)),
    ];
    expect(journeysOf(frames)).toEqual(['wire br tap @0']);
    expect(joinJourneys(frames, map)[0]?.hops.map(({ vlan }) => vlan)).toEqual([1001, 2, null]);
  });

  it('joins a frame over a tunnel, whatever it is packed in', () => {
    const discover = dhcpFrame({ type: 1 });
    const inVxlan = ethernet(
      { type: 0x0800 },
      udp4({ srcPort: 50_000, dstPort: 4789 }, bytes([8, 0, 0, 0, 0, 3, 0xe9, 0], discover)),
    );
    const inGre = ethernet(
      { type: 0x0800 },
      ipv4({ protocol: 47 }, bytes([0x20, 0, 0x65, 0x58, 0, 0, 3, 0xe9], discover)),
    );
    for (const packed of [inVxlan, inGre]) {
      const frames = [
        seen('wire', 0n, packed),
        seen('br', 9n * micro, dhcpFrame({ type: 1 }, [{ id: 2 }])),
        seen('tap', 10n * micro, discover),
      ];
      expect(journeysOf(frames)).toEqual(['wire br tap @0']);
      expect(frames.map(({ decoded }) => tunnelOf(decoded)?.id)).toEqual([1001, undefined, undefined]);
    }
  });

  it('does not mind padding to the least length of Ethernet', () => {
    const request = ethernet({ type: 0x0806 }, arp({}));
    const ping = ethernet({ type: 0x0800 }, ipv4({ protocol: 1 }, bytes([8, 0, 0, 0, 0, 1, 0, 1])));
    const padded = (frame: Uint8Array) => bytes(frame, new Uint8Array(60 - frame.length));
    expect(journeysOf([seen('wire', 0n, request), seen('br', 1n, padded(request))])).toHaveLength(1);
    expect(journeysOf([seen('wire', 0n, padded(ping)), seen('br', 1n, ping)])).toHaveLength(1);
  });

  it('does not mind a checksum that is filled in on the way', () => {
    const ends = { srcPort: 68, dstPort: 67 };
    const filledIn = ethernet({ type: 0x0800 }, udp4(ends, bytes('question')));
    const offloaded = ethernet({ type: 0x0800 }, udp4({ ...ends, checksum: 0x1234 }, bytes('question')));
    expect(journeysOf([seen('wire', 0n, offloaded), seen('br', 1n, filledIn)])).toEqual(['wire br @0']);
  });

  it('tells frames apart that differ in one byte of what they carry', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (payload, where) => {
        const other = Uint8Array.from(payload);
        other[where % other.length] = (other[where % other.length] ?? 0) ^ 1;
        const frame = (content: Uint8Array) =>
          ethernet({ type: 0x0800 }, udp4({ srcPort: 1, dstPort: 2, checksum: 0 }, content));
        expect(journeysOf([seen('wire', 0n, frame(payload)), seen('br', 1n, frame(other))])).toHaveLength(2);
      }),
    );
  });

  it('gives a retransmission with the same transaction id a journey of its own', () => {
    const discover = dhcpFrame({ type: 1, xid: 7 });
    const frames = [
      seen('wire', 0n, discover),
      seen('wire', 1000n * milli, discover),
      seen('br', 1000n * milli + 80n * micro, discover),
      seen('wire', 2000n * milli, discover),
      seen('br', 2000n * milli + 90n * micro, discover),
      seen('tap', 2000n * milli + 95n * micro, discover),
    ];
    expect(journeysOf(frames)).toEqual(['wire @0', 'wire br @1000000', 'wire br tap @2000000']);
  });

  it('knows the copy that was lost among quick retransmissions', () => {
    const request = ethernet({ type: 0x0806 }, arp({}));
    const frames = [0n, 10n, 20n, 30n].map((ms) => seen('wire', ms * milli, request));
    const arrived = [0n, 20n, 30n].map((ms) => seen('br', ms * milli + 300n * micro, request));
    expect(journeysOf([...frames, ...arrived])).toEqual([
      'wire br @0',
      'wire @10000',
      'wire br @20000',
      'wire br @30000',
    ]);
  });

  it('gives a duplicate that a loop made a journey of its own', () => {
    const request = ethernet({ type: 0x0806 }, arp({}));
    const frames = [
      seen('wire', 0n, request),
      seen('br', 100n * micro, request),
      seen('br', 150n * micro, request),
    ];
    expect(journeysOf(frames)).toEqual(['wire br @0', 'br @150']);
  });

  it('pairs a flood of copies one by one, also where a capture saw them late', () => {
    const request = ethernet({ type: 0x0806 }, arp({}));
    const copies = Array.from({ length: 300 }, (_, i) => BigInt(i));
    const frames = copies.flatMap((i) => [
      seen('wire', i * 10n * micro, request),
      seen('br', i * 10n * micro + 500n * micro, request),
      seen('tap', i * 10n * micro + 700n * micro, request),
    ]);
    expect(journeysOf(frames)).toEqual(copies.map((i) => `wire br tap @${i * 10n}`));
  });

  it('comes through a flood of 20,000 copies, of which some were lost, in 2 s of the processor', () => {
    const request = ethernet({ type: 0x0806 }, arp({}));
    const copies = Array.from({ length: 20_000 }, (_, i) => BigInt(i));
    const frames = copies.flatMap((i) => [
      seen('wire', i * 50n * micro, request),
      ...(i % 100n === 99n ? [] : [seen('br', i * 50n * micro + 20n * micro, request)]),
    ]);
    const before = process.cpuUsage();
    const journeys = journeysOf(frames);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
    expect(journeys).toHaveLength(20_000);
    expect(journeys.filter((journey) => journey.startsWith('wire @'))).toHaveLength(200);
  });

  it('joins frames of many senders that come in any order to what was sent', () => {
    const sent = fc.record({
      payload: fc.nat({ max: 3 }),
      after: fc.integer({ min: 0, max: 20_000 }),
      lostAfter: fc.constantFrom(1, 2, 3),
      latency: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (all) => {
        // Copies of one content are 100 ms apart at least, as no client asks again sooner.
        const frames = all.map((frame, index) => ({
          ...frame,
          at: BigInt(index) * 100n * milli + BigInt(frame.after) * micro,
        }));
        const points = ['wire', 'br', 'tap'];
        const sightings = frames.flatMap(({ payload, at, lostAfter, latency }) =>
          points
            .slice(0, lostAfter)
            .map((point, hop) =>
              seen(point, at + BigInt(hop * latency) * micro, dhcpFrame({ type: 1, xid: payload })),
            ),
        );
        const shuffled = sightings.toSorted((a, b) => Number(a.time % 977n) - Number(b.time % 977n));
        expect(journeysOf(shuffled)).toEqual(
          frames.map(({ at, lostAfter }) => `${points.slice(0, lostAfter).join(' ')} @${at / micro}`),
        );
      }),
    );
  });
});

describe('over a router with SNAT', () => {
  const inside = { a: '10.0.0.10', b: '10.0.0.11' };
  const outside = '192.0.2.2';
  const server = '192.0.2.10';
  const macOf = { [inside.a]: '52:54:00:00:01:00', [inside.b]: '52:54:00:00:01:01' };

  /** A read request as it comes from a client, and as it leaves the router. */
  function request(client: string, srcPort: number, translatedPort = srcPort, id = 0) {
    const payload = bytes([0, 1], 'pxelinux.0', [0], 'octet', [0]);
    const before = { src: client, dst: server, srcPort, dstPort: 69, ttl: 64, id };
    const after = { ...before, src: outside, srcPort: translatedPort, ttl: 63 };
    return {
      before: ethernet(
        { src: macOf[client] ?? '', dst: 'fa:16:3e:00:00:01', type: 0x0800 },
        udp4(before, payload),
      ),
      after: ethernet(
        { src: 'fa:16:3e:00:00:02', dst: 'fa:16:3e:00:00:03', type: 0x0800 },
        udp4(after, payload),
      ),
    };
  }

  it('joins a packet before and after the translation', () => {
    const { before, after } = request(inside.a, 2070, 40_000);
    const frames = [
      seen('br', 0n, before),
      seen('qr', 5n * micro, before),
      seen('qg', 20n * micro, after),
      seen('ex', 25n * micro, after),
    ];
    expect(journeysOf(frames)).toEqual(['br qr qg ex @0']);
  });

  it('never joins the packets of two clients that ask for the same', () => {
    const a = request(inside.a, 2070);
    const b = request(inside.b, 2071);
    const frames = [
      seen('br', 0n, a.before),
      seen('br', 3n * micro, b.before),
      // The second overtakes the first.
      seen('ex', 40n * micro, b.after),
      seen('ex', 50n * micro, a.after),
    ];
    const hops = joinJourneys(frames, map).map((journey) =>
      journey.hops.map(({ decoded }) => decoded.udp?.srcPort),
    );
    expect(hops).toEqual([
      [2070, 2070],
      [2071, 2071],
    ]);
  });

  it('does not give a lost packet the translation of another that carries the same', () => {
    const lost = request(inside.a, 2070);
    const passed = request(inside.b, 2070, 51_000);
    const frames = [
      seen('br', 0n, lost.before),
      seen('br', 900n * micro, passed.before),
      seen('ex', 930n * micro, passed.after),
    ];
    expect(journeysOf(frames)).toEqual(['br @0', 'br ex @900']);
  });

  it('remembers which flow became which', () => {
    const unmistakable = [1, 2].flatMap((id) => {
      const client = id === 1 ? inside.a : inside.b;
      const { before, after } = request(client, 2070, id === 1 ? 2070 : 51_000, id);
      const at = BigInt(id) * milli;
      return [seen('br', at, before), seen('ex', at + 30n * micro, after)];
    });
    const a = request(inside.a, 2070, 2070, 9);
    const b = request(inside.b, 2070, 51_000, 9);
    const doubtful = [
      seen('br', 10n * milli, a.before),
      seen('br', 10n * milli + 2n * micro, b.before),
      seen('ex', 10n * milli + 3n * micro, b.after),
      seen('ex', 10n * milli + 4n * micro, a.after),
    ];
    const hops = joinJourneys([...doubtful, ...unmistakable], map)
      .filter(({ hops: [first] }) => first?.decoded.ipv4?.id === 9)
      .map((journey) => journey.hops.map(({ decoded }) => `${decoded.ipv4?.src}:${decoded.udp?.srcPort}`));
    expect(hops).toEqual([
      ['10.0.0.10:2070', '192.0.2.2:2070'],
      ['10.0.0.11:2070', '192.0.2.2:51000'],
    ]);
  });

  it('joins an answer on its way back', () => {
    const answer = (dst: string, dstPort: number, ttl: number, mac: string) =>
      ethernet(
        { src: mac, dst: mac, type: 0x0800 },
        udp4({ src: server, dst, srcPort: 3000, dstPort, ttl }, bytes([0, 3, 0, 1], 'x')),
      );
    const frames = [
      seen('ex', 0n, answer(outside, 40_000, 64, 'fa:16:3e:00:00:03')),
      seen('qr', 20n * micro, answer(inside.a, 2070, 63, 'fa:16:3e:00:00:01')),
      seen('tap', 25n * micro, answer(inside.a, 2070, 63, 'fa:16:3e:00:00:01')),
    ];
    expect(journeysOf(frames)).toEqual(['ex qr tap @0']);
  });

  it('joins TCP, and an echo whose identifier is translated', () => {
    const tcp = (src: string, srcPort: number, ttl: number) => {
      const packet = Buffer.from(tcp4({ src, dst: server, srcPort, dstPort: 80, seq: 5 }, bytes('GET /')));
      packet[8] = ttl;
      return ethernet({ src: ttl === 64 ? (macOf[src] ?? '') : 'fa:16:3e:00:00:02', type: 0x0800 }, packet);
    };
    const echo = (src: string, id: number, ttl: number) =>
      ethernet(
        { type: 0x0800 },
        ipv4({ src, dst: server, protocol: 1, ttl }, bytes([8, 0, 1, id, 0, id, 0, 3], 'data')),
      );
    expect(
      journeysOf([seen('qr', 0n, tcp(inside.a, 5000, 64)), seen('qg', micro, tcp(outside, 6000, 63))]),
    ).toEqual(['qr qg @0']);
    expect(
      journeysOf([seen('qr', 0n, echo(inside.a, 1, 64)), seen('qg', micro, echo(outside, 2, 63))]),
    ).toEqual(['qr qg @0']);
  });

  it('joins nothing of the kind where there is no router', () => {
    const { before, after } = request(inside.a, 2070);
    expect(journeysOf([seen('wire', 0n, before), seen('tap', micro, after)])).toEqual(['wire @0', 'tap @1']);
  });

  it('does not join a packet whose time to live did not fall', () => {
    const payload = bytes('the same');
    const from = (src: string) =>
      ethernet({ type: 0x0800 }, udp4({ src, dst: server, srcPort: 5, dstPort: 6 }, payload));
    expect(journeysOf([seen('br', 0n, from(inside.a)), seen('ex', micro, from(outside))])).toHaveLength(2);
  });
});
