/*
 * How fast captures are decoded, beside tshark and tcpdump on the same file of a million frames. bench packets
 * [ROUNDS], 3 rounds by default; each round runs every program once, and medians are printed. The ratios compare
 * whole processes: start, reading and all.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyzeCommand } from '../src/cli/analyze.ts';
import { run } from '../src/linux/process.ts';
import { uint16, uint32 } from '../src/packets/addresses.ts';
import type { Dissection } from '../src/packets/dissection.ts';
import { linkTypes } from '../src/packets/frame.ts';
import { fileChunks, scanCapture } from '../src/packets/scan.ts';
import { pcapHeader, pcapRecord } from '../src/packets/write.ts';
import { bytesText } from '../src/report/amounts.ts';
import { table } from '../src/report/table.ts';
import {
  arp,
  bytes,
  captured,
  dhcpFrame,
  ethernet,
  type Tag,
  tcp4,
  u16,
  udp4,
} from '../test/packets/build.ts';

const frameCount = 1_000_000;
const streamLength = 10_000_000_000;

/** The fields that are compared, as tshark names them; ours are the columns below. */
const tsharkFields = [
  ...['frame.number', 'vlan.id', 'ieee8021ad.id', 'eth.src', 'eth.dst', 'eth.type'],
  ...['arp.opcode', 'arp.src.hw_mac', 'arp.src.proto_ipv4', 'arp.dst.hw_mac', 'arp.dst.proto_ipv4'],
  ...['ip.src', 'ip.dst', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport'],
  ...['dhcp.option.dhcp', 'dhcp.id', 'dhcp.hw.mac_addr', 'dhcp.ip.your', 'tftp.opcode', 'tftp.source_file'],
];

/** The values of every frame's fields, in columns. MACs are 48-bit numbers, IPv4 addresses 32-bit ones. */
class Columns {
  readonly outerVlan = new Int16Array(frameCount).fill(-1);
  readonly innerVlan = new Int16Array(frameCount).fill(-1);
  readonly ethSrc = new Float64Array(frameCount);
  readonly ethDst = new Float64Array(frameCount);
  readonly ethType = new Uint16Array(frameCount);
  readonly arpOp = new Uint16Array(frameCount);
  readonly arpSenderMac = new Float64Array(frameCount);
  readonly arpSenderIp = new Uint32Array(frameCount);
  readonly arpTargetMac = new Float64Array(frameCount);
  readonly arpTargetIp = new Uint32Array(frameCount);
  readonly ipSrc = new Uint32Array(frameCount);
  readonly ipDst = new Uint32Array(frameCount);
  readonly srcPort = new Uint16Array(frameCount);
  readonly dstPort = new Uint16Array(frameCount);
  readonly dhcpType = new Uint8Array(frameCount);
  readonly dhcpXid = new Uint32Array(frameCount);
  readonly dhcpChaddr = new Float64Array(frameCount);
  readonly dhcpYiaddr = new Uint32Array(frameCount);
  readonly tftpOpcode = new Uint16Array(frameCount);
  readonly tftpFile: string[] = new Array(frameCount).fill('');

  fill(row: number, d: Dissection): void {
    const { bytes, upper } = d;
    if (d.vlanCount > 0) this.outerVlan[row] = uint16(bytes, d.vlanAt) & 0xfff;
    if (d.vlanCount > 1) this.innerVlan[row] = uint16(bytes, d.vlanAt + 4) & 0xfff;
    this.ethDst[row] = mac(bytes, d.linkAt);
    this.ethSrc[row] = mac(bytes, d.linkAt + 6);
    this.ethType[row] = d.linkProtocol;
    if (d.arpAt >= 0) {
      this.arpOp[row] = uint16(bytes, d.arpAt + 6);
      this.arpSenderMac[row] = mac(bytes, d.arpAt + 8);
      this.arpSenderIp[row] = uint32(bytes, d.arpAt + 14);
      this.arpTargetMac[row] = mac(bytes, d.arpAt + 18);
      this.arpTargetIp[row] = uint32(bytes, d.arpAt + 24);
    }
    if (d.ipVersion === 4) {
      this.ipSrc[row] = uint32(bytes, d.ipAt + 12);
      this.ipDst[row] = uint32(bytes, d.ipAt + 16);
    }
    if (d.srcPort >= 0) {
      this.srcPort[row] = d.srcPort;
      this.dstPort[row] = d.dstPort;
    }
    if (d.dhcpType > 0) {
      this.dhcpType[row] = d.dhcpType;
      this.dhcpXid[row] = uint32(upper, d.payloadAt + 4);
      this.dhcpChaddr[row] = mac(upper, d.payloadAt + 28);
      this.dhcpYiaddr[row] = uint32(upper, d.payloadAt + 16);
    }
    if (d.tftpOpcode > 0) {
      this.tftpOpcode[row] = d.tftpOpcode;
      this.tftpFile[row] = d.fileAt < 0 ? (d.tftpTransfer?.file ?? '') : text(upper, d.fileAt, d.fileEnd);
    }
  }
}

function mac(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 2);
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** The pass that is measured; a process of its own. */
async function fields(path: string): Promise<void> {
  const columns = new Columns();
  let row = 0;
  const damage = await scanCapture(fileChunks(path), (_, layers) => columns.fill(row++, layers));
  if (damage || row !== frameCount) throw damage ?? new Error(`${row} frames`);
  const dhcp = columns.dhcpType.reduce((sum, type) => sum + (type > 0 ? 1 : 0), 0);
  const files = columns.tftpFile.reduce((sum, file) => sum + (file === '' ? 0 : 1), 0);
  const vlans = columns.outerVlan.reduce((sum, id) => sum + (id < 0 ? 0 : 1), 0);
  process.stdout.write(`${row} frames, ${vlans} tagged, ${dhcp} DHCP, ${files} of TFTP transfers\n`);
}

/** Passes over 10 GB that come in as a stream and tells the most memory that was needed. */
async function stream(): Promise<void> {
  const batch = Buffer.concat(
    templates().map((frame, index) => pcapRecord(captured(frame, { number: index + 1 }))),
  );
  const chunk = Buffer.concat(new Array(Math.ceil(1_000_000 / batch.length)).fill(batch));
  async function* source() {
    yield pcapHeader(linkTypes.ethernet);
    for (let sent = 0; sent < streamLength; sent += chunk.length) yield chunk;
  }
  let frames = 0;
  await scanCapture(source(), () => {
    frames++;
  });
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(`${frames} frames, at most ${bytesText(maxRSS * 1024)} of memory\n`);
}

/** The mix: DHCP, ARP, TFTP requests, data and acknowledgements, TCP, each untagged and with one and two tags. */
function templates(): Uint8Array[] {
  const stacks: readonly (readonly Tag[])[] = [
    [],
    [{ id: 1001 }],
    [{ id: 2 }],
    [{ id: 7, tpid: 0x88a8 }, { id: 1001 }],
  ];
  const block = new Uint8Array(1408).fill(0x5a);
  return stacks.flatMap((vlans, lan) => {
    const client = `10.${lan}.0.1`;
    const server = `10.${lan}.0.2`;
    const up = { src: client, dst: server };
    const down = { src: server, dst: client };
    const ip = (payload: Uint8Array) => ethernet({ type: 0x0800, vlans }, payload);
    const request = bytes([0, 1], `deploy_kernel_${lan}\0octet\0blksize\x001408\0tsize\x000\0`);
    return [
      dhcpFrame(
        {
          type: 1,
          options: [
            [60, 'PXEClient'],
            [61, [1, 82, 84, 0, 0, 0, 1]],
            [55, [1, 3, 6, 66, 67]],
          ],
        },
        vlans,
      ),
      dhcpFrame(
        {
          op: 2,
          type: 2,
          yiaddr: client,
          siaddr: server,
          options: [
            [54, [10, 0, 0, 2]],
            [51, [0, 0, 14, 16]],
          ],
        },
        vlans,
      ),
      ethernet({ type: 0x0806, vlans }, arp({ senderIp: client, targetIp: server })),
      ip(udp4({ ...up, srcPort: 2070, dstPort: 69 }, request)),
      ...[1, 2, 3, 4, 5].flatMap((number) => [
        ip(udp4({ ...down, srcPort: 40000, dstPort: 2070 }, bytes([0, 3], u16(number), block))),
        ip(udp4({ ...up, srcPort: 2070, dstPort: 40000 }, bytes([0, 4], u16(number)))),
      ]),
      ...[1, 2, 3].map((number) =>
        ip(
          tcp4(
            { ...down, srcPort: 8000, dstPort: 45000, seq: number * 1448 },
            new Uint8Array(1448).fill(0x61),
          ),
        ),
      ),
      ip(tcp4({ ...up, srcPort: 45000, dstPort: 8000, ack: 4344 })),
    ];
  });
}

function writeCapture(path: string): void {
  const frames = templates();
  const file = openSync(path, 'w');
  writeSync(file, pcapHeader(linkTypes.ethernet));
  for (let number = 1; number <= frameCount; ) {
    const records: Uint8Array[] = [];
    for (let i = 0; i < 2000 && number <= frameCount; i++, number++) {
      records.push(pcapRecord(captured(frames[number % frames.length] ?? new Uint8Array(0), { number })));
    }
    writeSync(file, Buffer.concat(records));
  }
  closeSync(file);
}

interface Contender {
  readonly name: string;
  /** Its output goes to /dev/null. */
  readonly argv: readonly string[];
  readonly seconds: number[];
}

async function bench(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
  try {
    const path = join(folder, 'million.pcap');
    writeCapture(path);
    process.stderr.write(`${frameCount} frames, ${bytesText(statSync(path).size)}\n`);
    const self = [process.execPath, process.argv[1] ?? ''];
    const contender = (name: string, argv: readonly string[]): Contender => ({ name, argv, seconds: [] });
    const ours = contender('decode, fill the fields', [...self, '--fields', path]);
    const json = contender('lab analyze --json', [...self, '--analyze', '--json', path]);
    const summary = contender('lab analyze', [...self, '--analyze', path]);
    const tcpdump = contender('tcpdump -nn -e', ['tcpdump', '-nn', '-e', '-r', path]);
    const tshark = contender('tshark -T fields', [
      ...['tshark', '-n', '-r', path, '-T', 'fields'],
      ...tsharkFields.flatMap((field) => ['-e', field]),
    ]);
    const all = [ours, json, summary, tcpdump, tshark];
    for (let round = 1; round <= rounds; round++) {
      for (const each of all) {
        each.seconds.push(await secondsOf(each.argv));
        process.stderr.write(`round ${round}: ${each.name} ${each.seconds.at(-1)?.toFixed(2)} s\n`);
      }
    }
    const ratio = (slow: Contender, fast: Contender) =>
      `${(median(slow.seconds) / median(fast.seconds)).toFixed(1)}x`;
    const rows = [
      ['WHAT', 'MEDIAN', 'TSHARK TAKES', 'TCPDUMP TAKES', 'BAR'],
      [ours, 'tshark 50x, tcpdump 3x'],
      [json, 'tshark 5x'],
      [summary, '-'],
      [tcpdump, '-'],
      [tshark, '-'],
    ].map(([what, ...rest]) => {
      if (typeof what === 'string') return [what, ...rest.map(String)];
      const one = what as Contender;
      return [
        one.name,
        `${median(one.seconds).toFixed(2)} s`,
        ratio(tshark, one),
        ratio(tcpdump, one),
        String(rest[0]),
      ];
    });
    process.stdout.write(`${table(rows).join('\n')}\n`);
    const { stdout } = await run([...self, '--stream'], { timeoutMs: 600_000 });
    process.stdout.write(`a stream of ${bytesText(streamLength)}: ${stdout.trim()} (bar: 100 MB)\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function secondsOf(argv: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(['sh', '-c', 'exec "$@" > /dev/null', 'sh', ...argv], { timeoutMs: 600_000 });
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const [mode, argument] = process.argv.slice(2);
if (mode === '--fields') await fields(argument ?? '');
else if (mode === '--stream') await stream();
else if (mode === '--analyze') await analyzeCommand().parseAsync(process.argv.slice(3), { from: 'user' });
else {
  await bench(Number(mode ?? 3));
  await import('./bench-journeys.ts');
}
