import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcapHeader } from '../../src/packets/write.ts';

/*
 * Captures of many frames at the points of one way, for tests and benchmarks of joining them: a mix of DHCP, ARP, TFTP
 * data and TCP. The tag changes from file to file, the clocks differ, some frames are lost, some are sent again as they
 * were, and one file's times are out of order by microseconds.
 */

/** From the first file's point to the last's, in microseconds. */
const longestLatency = 120;

/** What is different in each file: the tag, the clock, the time on the way in microseconds, every how many are lost. */
export const journeyFiles = [
  { name: 'server', vlan: null, aheadMs: 0, latency: 0, lostEvery: Number.POSITIVE_INFINITY },
  { name: 'wire', vlan: 1001, aheadMs: 2503, latency: 40, lostEvery: Number.POSITIVE_INFINITY },
  { name: 'br-eth2', vlan: 1001, aheadMs: 2503, latency: 90, lostEvery: 1000 },
  { name: 'br-int', vlan: 2, aheadMs: -71, latency: 110, lostEvery: 1000 },
  { name: 'tap', vlan: null, aheadMs: -71, latency: 120, lostEvery: 500 },
] as const;

const client = '525400000201';
const server = 'fa163e000001';
const templates = {
  dhcp: udp('00000000', 'ffffffff', 68, 67, 300),
  arp: Buffer.from(`ffffffffffff${client}08060001080006040001${client}0a0000150000000000000a000001`, 'hex'),
  tftp: udp('0a000002', '0a000015', 3000, 2070, 516),
  acknowledgement: udp('0a000015', '0a000002', 2070, 3000, 4),
  tcp: tcp(1448),
};

/** Writes the files and answers their paths. */
export function writeJourneyFiles(folder: string, framesPerFile: number): string[] {
  return journeyFiles.map((file) => {
    const path = join(folder, `${file.name}.pcap`);
    writeFileSync(path, capture(file, framesPerFile));
    return path;
  });
}

function capture(file: (typeof journeyFiles)[number], framesPerFile: number): Buffer {
  const parts: Uint8Array[] = [pcapHeader(1)];
  for (let i = 0; i < framesPerFile; i++) {
    if (i % file.lostEvery === file.lostEvery - 1) continue;
    const frame = tagged(frameNumber(i), file.vlan);
    const jitter = file.name === 'br-int' ? (i * 7919) % 30 : 0;
    const onTheWay = goesOut(i) ? file.latency : longestLatency - file.latency;
    const time = 1_700_000_000_000_000 + i * 200 + file.aheadMs * 1000 + onTheWay + jitter;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(time / 1e6), 0);
    record.writeUInt32LE((time % 1e6) * 1000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    parts.push(record, frame);
  }
  return Buffer.concat(parts);
}

function tagged(frame: Buffer, vlan: number | null): Buffer {
  if (vlan === null) return frame;
  return Buffer.concat([
    frame.subarray(0, 12),
    Buffer.from([0x81, 0, vlan >> 8, vlan & 255]),
    frame.subarray(12),
  ]);
}

function kindOf(i: number): keyof typeof templates {
  const kind = i % 20;
  if (kind === 0) return 'arp';
  if (kind === 1) return 'dhcp';
  if (kind < 10) return 'tftp';
  return kind < 15 ? 'acknowledgement' : 'tcp';
}

/** From the server to the tap, or back. */
function goesOut(i: number): boolean {
  return kindOf(i) !== 'tftp';
}

/** One in 400 ARP requests and DISCOVERs is a repetition of the one before, byte for byte. */
function frameNumber(i: number): Buffer {
  const name = kindOf(i);
  const frame = Buffer.from(templates[name]);
  const identity = i % 20 < 2 && i % 400 < 20 && i >= 20 ? i - 20 : i;
  if (name === 'arp') frame.writeUInt32BE(identity, frame.length - 4);
  else {
    frame.writeUInt16BE(identity & 0xffff, 18);
    frame.writeUInt32BE(identity, frame.length - 4);
  }
  return frame;
}

function ipv4(protocol: number, source: string, destination: string, ends: string, body: Buffer): Buffer {
  const header = Buffer.from(`${ends}0800450000000000400040000000${source}${destination}`, 'hex');
  header.writeUInt16BE(20 + body.length, 16);
  header[23] = protocol;
  return Buffer.concat([header, body]);
}

function udp(source: string, destination: string, from: number, to: number, length: number): Buffer {
  const body = Buffer.alloc(8 + length, 0x61);
  body.writeUInt16BE(from, 0);
  body.writeUInt16BE(to, 2);
  body.writeUInt16BE(8 + length, 4);
  const ends = from === 3000 ? `${client}${server}` : `${server}${client}`;
  return ipv4(17, source, destination, ends, body);
}

function tcp(length: number): Buffer {
  const body = Buffer.alloc(20 + length, 0x62);
  body.writeUInt16BE(50_000, 0);
  body.writeUInt16BE(80, 2);
  body.writeUInt16BE(0x5010, 12);
  return ipv4(6, '0a000015', '0a000002', `${server}${client}`, body);
}
