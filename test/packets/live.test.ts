import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host, runIn } from '../../src/linux/host.ts';
import { endHosts } from '../../src/linux/host-processes.ts';
import { type DecodedFrame, FrameDecoder } from '../../src/packets/decode.ts';
import { readCaptureFile } from '../../src/packets/read.ts';
import { compareWithTshark, isExplained } from './parity.ts';

/** Real programs talk (dnsmasq, udhcpc, busybox's tftp and wget, ping), tcpdump captures. */

let folder: string;
let host: Host;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-'));
  copyFileSync(new URL('fixtures/live-traffic.sh', import.meta.url), join(folder, 'live-traffic.sh'));
  host = await createHost({ name: 'live', folder });
  await runIn(host, ['sh', '-c', 'cd /run/lab && sh ./live-traffic.sh']);
});

afterAll(async () => {
  await endHosts(folder);
  rmSync(folder, { recursive: true });
});

async function decodedFrames(file: string): Promise<DecodedFrame[]> {
  const { frames, error } = await readCaptureFile(join(folder, file));
  expect(error).toBeUndefined();
  const decoder = new FrameDecoder();
  return frames.map((frame) => decoder.decode(frame));
}

test.each(['server.pcap', 'sll.pcap', 'sll2.pcap', 'loopback.pcap'])(
  '%s is decoded as tshark decodes it',
  async (file) => {
    const { differences, agreed } = await compareWithTshark(join(folder, file));
    expect(differences).toEqual([]);
    expect(agreed).toContain('ipv4.src');
  },
);

test('a capture of 80 bytes a frame differs from tshark only in cut messages', async () => {
  const { differences } = await compareWithTshark(join(folder, 'snap.pcap'));
  expect(differences.filter((difference) => !isExplained(difference))).toEqual([]);
});

test('the lease is seen in all its messages', async () => {
  const dhcp = (await decodedFrames('server.pcap')).flatMap((frame) => frame.dhcp ?? []);
  expect(dhcp.map(({ type }) => type)).toEqual(['DISCOVER', 'OFFER', 'REQUEST', 'ACK']);
  expect(new Set(dhcp.map(({ xid, chaddr }) => `${xid} ${chaddr}`)).size).toBe(1);
  expect(dhcp.at(-1)).toMatchObject({ yiaddr: expect.stringMatching(/^10\.0\.0\./), file: 'kernel' });
});

test('TFTP is followed to its ports, with the size of the data', async () => {
  const tftp = (await decodedFrames('server.pcap')).flatMap((frame) => frame.tftp ?? []);
  const sent = tftp.filter(({ opcode }) => opcode === 3).reduce((sum, { length = 0 }) => sum + length, 0);
  expect(sent).toBe(2 * 28_893);
  expect(tftp.filter(({ opcode }) => opcode === 5).map(({ errorCode }) => errorCode)).toEqual([1]);
  expect(new Set(tftp.map(({ file }) => file))).toEqual(new Set(['kernel', 'missing', 'nobody']));
});

test('HTTP lines are found, and the pings put together from fragments', async () => {
  const frames = await decodedFrames('server.pcap');
  expect(frames.flatMap(({ http = [] }) => http)).toMatchObject([
    { kind: 'request', method: 'GET', target: '/kernel' },
    { kind: 'response', status: 200 },
  ]);
  const whole = frames.filter(({ ipv4, icmp }) => ipv4?.reassembled && icmp);
  expect(whole.map(({ icmp }) => icmp?.type)).toEqual([8, 0]);
});
