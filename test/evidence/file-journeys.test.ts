import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileJourneys, joinFiles } from '../../src/evidence/file-journeys.ts';
import type { CapturedFrame } from '../../src/packets/frame.ts';
import { pcapFile, pcapngFile } from '../../src/packets/write.ts';
import { arp, bytes, captured, dhcpFrame, ethernet, udp4 } from '../packets/build.ts';
import { journeyFiles, writeJourneyFiles } from './journey-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-file-journeys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const second = 1_000_000_000n;
const start = 1_700_000_000n * second;

/** Frames of a capture: microseconds after the start, and bytes. */
type Moments = readonly (readonly [after: number, content: Uint8Array])[];

function framesOf(moments: Moments, aheadNs = 0n): CapturedFrame[] {
  return moments.map(([after, content], index) =>
    captured(content, { number: index + 1, time: start + BigInt(after) * 1000n + aheadNs }),
  );
}

function file(name: string, moments: Moments, aheadNs = 0n): string {
  const path = join(folder, name);
  writeFileSync(path, pcapFile(1, framesOf(moments, aheadNs)));
  return path;
}

/** `a/1 b/2`: the points of each journey with the frames' numbers. */
function shown({ journeys, points, sightings }: FileJourneys): string[] {
  return journeys.map((flights) =>
    flights
      .flatMap((flight) => [...flight])
      .map((hop) => `${points[sightings.point[hop] ?? -1]?.name}/${sightings.number[hop]}`)
      .join(' '),
  );
}

/** The n-th frame of a conversation, to or from the client. */
function datagram(n: number, out: boolean, vlan?: number): Uint8Array {
  const [client, server] = ['10.0.0.21', '10.0.0.2'];
  const ends = out
    ? { src: client, dst: server, srcPort: 2070, dstPort: 69, id: n }
    : { src: server, dst: client, srcPort: 69, dstPort: 2070, id: n };
  const vlans = vlan === undefined ? [] : [{ id: vlan }];
  return ethernet({ type: 0x0800, vlans }, udp4(ends, bytes([n])));
}

/** Question and answer in turn, seen on either side of a link that takes 300 microseconds. */
function conversation(side: 'client' | 'server', vlan?: number): Moments {
  return Array.from({ length: 20 }, (_, n) => {
    const out = n % 2 === 0;
    const late = (side === 'server') === out ? 300 : 0;
    return [n * 5000 + late, datagram(n, out, vlan)] as const;
  });
}

describe('files of one moment', () => {
  it('are joined with their tags, in the order of time', async () => {
    const discover = (...vlans: number[]) =>
      dhcpFrame(
        { type: 1 },
        vlans.map((id) => ({ id })),
      );
    const joined = await joinFiles([
      file('tap.pcap', [[120, discover()]]),
      file('server.pcap', [[0, discover()]]),
      file('br-int.pcap', [[100, discover(2)]]),
    ]);
    expect(shown(joined)).toEqual(['server/1 br-int/1 tap/1']);
    const [flight] = joined.journeys[0] ?? [];
    expect([...(flight ?? [])].map((hop) => joined.sightings.vlan[hop])).toEqual([-1, 2, -1]);
    expect(joined.files.map(({ frames, aheadNs }) => [frames, aheadNs])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it.each([
    ['seconds behind', -2_503_000_000n],
    ['a minute ahead', 60n * second],
    ['a year ahead', 31_536_000n * second],
    ['two milliseconds ahead', 2_000_000n],
  ])('are joined though a clock is %s', async (_, ahead) => {
    const joined = await joinFiles([
      file('client.pcap', conversation('client')),
      file('server.pcap', conversation('server', 1001), ahead),
    ]);
    expect(Number(joined.files[1]?.aheadNs)).toBeCloseTo(Number(ahead), -2);
    expect(shown(joined)).toEqual(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? `client/${n + 1} server/${n + 1}` : `server/${n + 1} client/${n + 1}`,
      ),
    );
  });

  it('find clocks that agree, whatever the time on the way', async () => {
    const joined = await joinFiles([
      file('client.pcap', conversation('client')),
      file('server.pcap', conversation('server')),
    ]);
    expect(joined.files[1]?.aheadNs).toBe(0);
  });

  it('take the order of the files for frames that go one way alone between clocks that differ', async () => {
    const oneWay = (late: number): Moments =>
      Array.from({ length: 10 }, (_, n) => [n * 1000 + late + (n % 3), datagram(n, true)] as const);
    const joined = await joinFiles([file('a.pcap', oneWay(0)), file('b.pcap', oneWay(150), -7n * second)]);
    expect(shown(joined)).toEqual(Array.from({ length: 10 }, (_, n) => `a/${n + 1} b/${n + 1}`));
  });

  it('are compared over a third where two share nothing', async () => {
    const all = conversation('client');
    const joined = await joinFiles([
      file('a.pcap', all.slice(0, 10)),
      file('b.pcap', all.slice(10), 9n * second),
      file('c.pcap', conversation('server'), 4n * second),
    ]);
    expect(joined.files.map(({ aheadNs }) => aheadNs)).toEqual([0, 9e9, 4e9]);
    expect(shown(joined)).toHaveLength(20);
  });

  it('are compared over a router too', async () => {
    const inside = '10.0.0.21';
    const outside = '192.0.2.2';
    const server = '192.0.2.10';
    const packet = (n: number, out: boolean, isInside: boolean) => {
      const client = isInside ? inside : outside;
      const ttl = out === isInside ? 64 : 63;
      const ends = out
        ? { src: client, dst: server, srcPort: isInside ? 2070 : 40_000, dstPort: 69 }
        : { src: server, dst: client, srcPort: 69, dstPort: isInside ? 2070 : 40_000 };
      return ethernet({ type: 0x0800 }, udp4({ ...ends, id: n, ttl }, bytes([n])));
    };
    const side = (isInside: boolean): Moments =>
      Array.from({ length: 10 }, (_, n) => {
        const out = n % 2 === 0;
        return [n * 4000 + (out === isInside ? 0 : 700), packet(n, out, isInside)] as const;
      });
    const joined = await joinFiles([
      file('inside.pcap', side(true)),
      file('outside.pcap', side(false), 33n * second),
    ]);
    expect(joined.files[1]?.aheadNs).toBe(33e9);
    expect(shown(joined)).toEqual(
      Array.from({ length: 10 }, (_, n) =>
        n % 2 === 0 ? `inside/${n + 1} outside/${n + 1}` : `outside/${n + 1} inside/${n + 1}`,
      ),
    );
  });

  it('of which one has nothing to do with the rest are told so', async () => {
    const joined = await joinFiles([
      file('a.pcap', conversation('client')),
      file('b.pcap', [[0, ethernet({ type: 0x0806 }, arp({}))]]),
    ]);
    expect(joined.files[1]?.aheadNs).toBeUndefined();
    expect(shown(joined)).toHaveLength(21);
  });

  it('keep retransmissions apart, also with clocks that differ', async () => {
    const discover = dhcpFrame({ type: 1, xid: 9 });
    const again = [0, 1_000_000, 2_000_000].map((at) => [at, discover] as const);
    const joined = await joinFiles([
      file('a.pcap', [...conversation('client'), ...again.map(([at, it]) => [at + 200_000, it] as const)]),
      file(
        'b.pcap',
        [...conversation('server'), ...again.slice(1).map(([at, it]) => [at + 200_090, it] as const)],
        -90n * second,
      ),
    ]);
    expect(shown(joined).slice(20)).toEqual(['a/21', 'a/22 b/21', 'a/23 b/22']);
  });

  it('may be one pcapng file with an interface a point', async () => {
    const path = join(folder, 'lab.pcapng');
    const frames = [
      ...framesOf(conversation('client')).map((frame) => ({ ...frame, interfaceId: 0 })),
      ...framesOf(conversation('server', 2)).map((frame) => ({ ...frame, interfaceId: 1 })),
    ].sort((a, b) => Number(a.time - b.time));
    const interfaces = ['devstack/eth2', 'devstack/br-int', 'rack/stand-in-1'].map((name) => ({
      linkType: 1,
      name,
    }));
    writeFileSync(path, pcapngFile(interfaces, frames));
    const joined = await joinFiles([path]);
    expect(joined.points.map(({ name }) => name)).toEqual([
      'devstack/eth2',
      'devstack/br-int',
      'rack/stand-in-1',
    ]);
    expect(shown(joined)[0]).toBe('devstack/eth2/1 devstack/br-int/2');
    expect(joined.journeys).toHaveLength(20);
  });

  it('are read up to where one is damaged', async () => {
    const path = file('a.pcap', conversation('client'));
    const whole = pcapFile(1, framesOf(conversation('server')));
    const damaged = join(folder, 'b.pcap');
    writeFileSync(damaged, whole.subarray(0, whole.length - 5));
    const joined = await joinFiles([path, damaged]);
    expect(joined.files[1]?.damage?.message).toMatch(/cut short after frame 19/);
    expect(joined.files[1]?.frames).toBe(19);
    expect(joined.journeys).toHaveLength(20);
  });
});

describe('many frames', () => {
  it('five files of 40,000 frames are joined, with lost ones, repeated ones and four clocks, in 2 s of the processor', async () => {
    const paths = writeJourneyFiles(folder, 40_000);
    const before = process.cpuUsage();
    const { journeys, sightings, files } = await joinFiles(paths);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
    expect(sightings.count).toBe(5 * 40_000 - 40 - 40 - 80);
    expect(journeys).toHaveLength(40_000);
    const whole = journeys.filter(([flight]) => flight?.length === journeyFiles.length);
    expect(whole).toHaveLength(40_000 - 80);
    for (const [index, { aheadMs }] of journeyFiles.entries()) {
      expect(Math.abs((files[index]?.aheadNs ?? Number.NaN) - aheadMs * 1e6)).toBeLessThan(20_000);
    }
  });
});
